"""`python -m rehearsal.services`: Stripe and Clerk with a population, in a process of their own.

It is told what to do by lines of JSON, and answers each with one: see `Services`.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from rehearsal.dump import dump
from simulator import clerk, stripe
from simulator.dials import Dials
from simulator.population import Step, Thrown, before, lives
from simulator.text import JSON
from simulator.text import dump as text
from simulator.world import World, world

Who = tuple[str, str, str]
AT_ONCE = 8
"""How many webhooks are on their way at the same time."""
EVERY_ROW = {
    "stripe": {"account": "", "livemode": False, "api_version": stripe.API_VERSION},
    "clerk": {"instance_id": clerk.event("", {}, 0)["instance_id"]},
}


def _who(step: Step) -> Who:
    return step.service, step.of, step.object["id"]


class Services:
    """The services, and what they are told to do: each public method is one word of a line."""

    def __init__(self, running: World, customers: int, seed: int) -> None:
        self._world, self._customers, self._seed = running, customers, seed
        self._began = int(running.clock())
        self._gone: dict[Who, int] = {}
        self._unseen: list[Step] = []

    def settings(self) -> JSON:
        """Return the settings by which a system calls Stripe and Clerk, and admits them."""
        ours = ("STRIPE_", "CLERK_")
        return {n: value for n, value in self._world.settings.items() if n.startswith(ours)}

    def before(self) -> JSON:
        """Put what was before anybody listened."""
        for step in before(self._customers, Thrown(self._seed, self._began, self._began)):
            self._happens(step)
        return self._counted()

    def live(self) -> JSON:
        """Tell the lives, each round in its second: webhooks are kept back until `send`.

        What ends an object's life without an event is kept back too, until `unseen`.
        """
        now = int(self._world.clock()) + 1
        steps = lives(self._customers, Thrown(self._seed, self._began, now))
        last = {_who(step): step for step in steps}
        self._unseen = [step for step in last.values() if step.event is None]
        for at, round_ in groupby(steps, key=lambda step: step.at):
            time.sleep(max(0, at - self._world.clock()))
            for step in round_:
                if step.event or last[_who(step)] is not step:
                    self._happens(step)
        return self._counted()

    def unseen(self) -> JSON:
        """Have happen what nobody is told of: changes, deletions, and what is new."""
        for step in self._unseen:
            self._happens(step)
        return {"unseen": len(self._unseen)}

    def send(self, receiver: str) -> JSON:
        """Send all webhooks, in the disorder of the dials."""
        post = self._world.post
        post.receiver, post.at_once = receiver, AT_ONCE
        post.flush()
        return {**post.counts, "dropped": len(set(post.dropped))}

    def turn(self, **dials: Any) -> JSON:
        """Turn dials."""
        self._world.dials.turn(dials)
        return {}

    def asked(self) -> JSON:
        """Return how many requests were answered, and how many of these were refused."""
        apis = (self._world.stripe, self._world.clerk)
        return {
            "requests": sum(api.requests for api in apis),
            "refused": sum(sum(api.refused.values()) for api in apis),
        }

    def dump(self, folder: str) -> JSON:
        """Write down what the services hold."""
        for service, store in self._world.stores.items():
            dump(Path(folder), service, store.objects, self._gone, EVERY_ROW[service])
        return self._counted()

    def _happens(self, step: Step) -> None:
        store, id = self._world.stores[step.service], step.object["id"]
        if step.gone:
            store.delete(step.of, id, step.event)
            self._gone[_who(step)] = step.at
        else:
            store.put(step.of, step.object, step.event)

    def _counted(self) -> JSON:
        stores = self._world.stores
        objects = sum(len(of) for store in stores.values() for of in store.objects.values())
        events = {service: len(store.events) for service, store in stores.items()}
        return {"objects": objects, "gone": len(self._gone), "events": events}


def obey(services: Services, lines: Iterator[str]) -> Iterator[str]:
    """Yield an answer to each line: `["word", {"name": "value"}]`."""
    for line in lines:
        word, values = json.loads(line)
        does: Callable[..., JSON] = getattr(services, word)
        yield text(does(**values))


def main() -> None:
    """Serve until nobody tells anything any more."""
    customers, seed, behind = map(int, sys.argv[1:4])
    with world(seed, Dials(skew=-behind)) as running:
        for answer in obey(Services(running, customers, seed), sys.stdin):
            sys.stdout.write(f"{answer}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
