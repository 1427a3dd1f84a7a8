"""All the simulated services behind one address, and the webhooks that they send."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from random import Random
from threading import Thread

from simulator.clerk_api import ClerkAPI
from simulator.dials import BadDialError, Dials
from simulator.loops_api import LoopsAPI
from simulator.post import Post
from simulator.posthog_api import PostHogAPI
from simulator.queue_api import QueueAPI
from simulator.stand_in import Fault, Request, StandIn, serving
from simulator.store import Store
from simulator.stripe_api import StripeAPI
from simulator.telling import clerk_store, stripe_store
from simulator.text import JSON, dump, read_object

STRIPE_SECRETS = ("whsec_c2ltdWxhdG9yLXN0cmlwZS1vbmU=", "whsec_c2ltdWxhdG9yLXN0cmlwZS10d28=")
CLERK_SECRETS = ("whsec_c2ltdWxhdG9yLWNsZXJrLW9uZQ==", "whsec_c2ltdWxhdG9yLWNsZXJrLXR3bw==")
"""What webhooks are signed with: the new secret, and the old one that it replaces. Made up."""


class Clock:
    """The services' clock: ours, and the skew of the dial. Who tells a story may set it."""

    def __init__(self, dials: Dials) -> None:
        self.dials = dials
        self.at: float | None = None

    def __call__(self) -> float:
        """Return the time, in Unix seconds."""
        return (time.time() if self.at is None else self.at) + self.dials.skew


@dataclass
class World(StandIn):
    """The services, by the first step of a path; `/_dials` shows and turns the dials."""

    dials: Dials = field(default_factory=Dials)
    services: Mapping[str, StandIn] = field(default_factory=dict)
    post: Post = field(default_factory=lambda: Post("", {}))
    clock: Clock = field(default_factory=lambda: Clock(Dials()))

    @property
    def stripe(self) -> StripeAPI:
        """Return Stripe."""
        found = self.services["stripe"]
        assert isinstance(found, StripeAPI)  # noqa: S101  made so
        return found

    @property
    def clerk(self) -> ClerkAPI:
        """Return Clerk."""
        found = self.services["clerk"]
        assert isinstance(found, ClerkAPI)  # noqa: S101  made so
        return found

    @property
    def posthog(self) -> PostHogAPI:
        """Return PostHog."""
        found = self.services["posthog"]
        assert isinstance(found, PostHogAPI)  # noqa: S101  made so
        return found

    @property
    def stores(self) -> Mapping[str, Store]:
        """Return what Stripe and Clerk hold, by service."""
        return {"stripe": self.stripe.store, "clerk": self.clerk.store}

    @property
    def settings(self) -> dict[str, str]:
        """Return the settings by which a system calls these services and admits their webhooks."""
        return {
            "STRIPE_API_BASE": f"{self.url}/stripe",
            "STRIPE_API_KEY": "sk_test_simulator",
            "STRIPE_WEBHOOK_SECRETS": STRIPE_SECRETS[0],
            "CLERK_API_BASE": f"{self.url}/clerk/v1",
            "CLERK_SECRET_KEY": "sk_test_simulator",
            "CLERK_WEBHOOK_SECRETS": CLERK_SECRETS[0],
            "LOOPS_API_BASE": f"{self.url}/loops",
            "LOOPS_API_KEY": "simulator",
            "POSTHOG_HOST": f"{self.url}/posthog",
            "POSTHOG_PROJECT_KEY": "phc_simulator",
            "POSTHOG_PERSONAL_API_KEY": "phx_simulator",
            "POSTHOG_PROJECT_ID": "1",
            "CLOUDFLARE_BASE_URL": f"{self.url}/cloudflare/client/v4",
            "CLOUDFLARE_ACCOUNT_ID": "simulator",
            "CLOUDFLARE_API_TOKEN": "simulator",
            "CLOUDFLARE_QUEUE_ID": "simulator",
        }

    def answer(self, request: Request) -> Fault:
        """Have the service answer that the path begins with."""
        _, first, rest = (*request.path.split("/", 2), "")[:3]
        if first == "_dials":
            return self._dials(request)
        service = self.services.get(first)
        if service is None:
            return Fault(404, dump({"error": f"no such service: {first}"}).encode())
        return service.answer(replace(request, path=f"/{rest}"))

    def _dials(self, request: Request) -> Fault:
        """Turn what the body says, which curl calls a form."""
        try:
            self.dials.turn(read_object(request.content))
        except BadDialError as error:
            return Fault(400, dump({"error": str(error)}).encode())
        except ValueError:
            return Fault(400, dump({"error": "no JSON object of dials"}).encode())
        return Fault(200, dump(self.shown()).encode())

    def shown(self) -> JSON:
        """Return where the dials stand, and what has become of webhooks and requests."""
        asked = {"stripe": self.stripe.requests, "clerk": self.clerk.requests}
        webhooks = {name: self.post.counts[name] for name in ("told", "sent", "refused")}
        webhooks |= {"dropped": len(self.post.dropped)}
        return {"dials": self.dials.shown(), "webhooks": webhooks, "requests": asked}

    def end(self) -> None:
        """Answer what hangs, and send no more."""
        self.post.end()
        super().end()
        for service in self.services.values():
            service.end()


def made(seed: int, dials: Dials, receiver: str = "") -> World:
    """Return the services, empty. Equal seeds make equal ids and equal faults."""
    clock = Clock(dials)
    secrets = {"stripe": [*STRIPE_SECRETS], "clerk": [*CLERK_SECRETS]}
    post = Post(receiver, secrets, dials, Random(f"post {seed}"), clock)
    stripe = stripe_store(dials, clock, post.taker("stripe"), str(seed))
    clerk = clerk_store(clock, post.taker("clerk"), str(seed))
    services = {
        "stripe": StripeAPI(
            now=clock, store=stripe, dials=dials, dice=Random(f"stripe api {seed}")
        ),
        "clerk": ClerkAPI(now=clock, store=clerk, dials=dials, dice=Random(f"clerk api {seed}")),
        "loops": LoopsAPI(now=clock),
        "posthog": PostHogAPI(now=clock),
        "cloudflare": QueueAPI(now=clock),
    }
    return World(now=clock, dials=dials, services=services, post=post, clock=clock)


@contextmanager
def world(
    seed: int = 1,
    dials: Dials | None = None,
    receiver: str = "",
    port: int = 0,
    others: Mapping[str, StandIn] | None = None,
) -> Iterator[World]:
    """Run the services meanwhile on loopback, on a free port by default; webhooks go by `flush`.

    `receiver` is where they go: nowhere by default. `others` are services instead of ours, or more.
    """
    prepared = made(seed, dials or Dials(), receiver)
    prepared.services = {**prepared.services, **(others or {})}
    with serving(prepared, port) as running:
        for name, service in running.services.items():
            service.url = f"{running.url}/{name}"
        yield running


@contextmanager
def sending(running: World) -> Iterator[None]:
    """Have webhooks sent meanwhile by a thread, when they are due."""
    thread = Thread(target=running.post.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        running.post.end()
        thread.join()
