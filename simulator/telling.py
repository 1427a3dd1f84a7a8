"""How Stripe and Clerk tell what happened to an object: the events that a store logs and sends."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from simulator import clerk, stripe
from simulator.dials import Dials
from simulator.store import Store, Told
from simulator.stripe_shapes import as_of
from simulator.text import JSON

Take = Callable[[Told], object]

_SUMMARY = "entitlements.active_entitlement_summary"
_NO_TIME_LEFT = {"user", "organization"}  # of others a deletion carries the whole object


@dataclass(frozen=True, slots=True)
class StripeTelling:
    """Stripe's events, in the API version of the dial (https://docs.stripe.com/api/events)."""

    dials: Dials

    def __call__(self, type: str, obj: JSON, before: JSON | None, at: float, id: str) -> JSON:
        """Return the event: with what an update replaced, but for what is new."""
        version = self.dials.api_version
        shown = as_of(version, obj)
        if obj["object"] == _SUMMARY:  # it is kept by its customer's id, and has none of its own
            shown = {name: value for name, value in shown.items() if name != "id"}
        contents = {"object": shown}
        if before is not None and type.endswith(".updated"):
            was = as_of(version, before)
            contents["previous_attributes"] = {
                name: was[name]
                for name in sorted(shown.keys() & was.keys())
                if was[name] != shown[name]
            }
        told = {"api_version": version or stripe.API_VERSION, "data": contents}
        request = {"id": f"req_{id}", "idempotency_key": None}
        return stripe.event(type, obj, int(at), id) | told | {"request": request}


def clerk_telling(type: str, obj: JSON, _before: JSON | None, at: float, _id: str) -> JSON:
    """Return Clerk's event: of a user or an organization that is deleted little is left."""
    gone = type.endswith(".deleted") and obj["object"] in _NO_TIME_LEFT
    return clerk.event(type, clerk.remains(obj) if gone else obj, int(at * 1000))


def stripe_store(dials: Dials, now: Callable[[], float], tell: Take, seed: str) -> Store:
    """Return an empty store of Stripe's. `now`: Unix seconds."""
    return Store(StripeTelling(dials), now, tell, Random(f"stripe {seed}"))


def clerk_store(now: Callable[[], float], tell: Take, seed: str) -> Store:
    """Return an empty store of Clerk's. `now`: Unix seconds."""
    return Store(clerk_telling, now, tell, Random(f"clerk {seed}"), message="msg")
