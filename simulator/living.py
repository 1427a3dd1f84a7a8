"""Life goes on: customers and users are born, change, and leave, one after the other."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from simulator import clerk, posthog, stripe
from simulator.population import Thrown, before, lives
from simulator.population_stripe import NAMES
from simulator.store import Store
from simulator.text import JSON
from simulator.world import World

CUSTOMER, SUBSCRIPTION, PRICE, USER = "customer", "subscription", "price", "user"
_FLAGS = ("new-checkout", "dark-mode", "team-invitations")


@dataclass
class Living:
    """What happens in a world, of which the dice decide. `happened` counts."""

    world: World
    dice: Random
    happened: int = 0

    def begin(self, customers: int, seed: int) -> None:
        """Put so many customers, and who works for them: no event tells of these."""
        now = int(self.world.clock())
        thrown = Thrown(seed, now, now)
        for step in [*before(customers, thrown), *lives(customers, thrown)]:
            store = self.world.stores[step.service]
            if step.gone:
                store.delete(step.of, step.object["id"])
            else:
                store.put(step.of, step.object)
        self.world.posthog.flags += [
            posthog.feature_flag(now, id=number, key=key) for number, key in enumerate(_FLAGS, 1)
        ]

    def go_on(self) -> str:
        """Have one thing happen; return what events call it, '' if nobody is there for it."""
        self.happened += 1
        happens = self.dice.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
        return happens(self)

    def _any(self, store: Store, type: str) -> JSON | None:
        kept = list(store.objects.get(type, {}).values())
        return self.dice.choice(kept) if kept else None

    def _name(self) -> str:
        return f"{self.dice.choice(NAMES)} {self.dice.randrange(1000)}"

    def _arrive(self) -> str:
        """Have a customer come, who subscribes if there is something to subscribe to."""
        store, now = self.world.stripe.store, int(self.world.clock())
        id, name = store.new_id("cus"), self._name()
        address = f"{name.lower().replace(' ', '.')}@example.com"
        customer = stripe.customer(now, id=id, name=name, email=address)
        store.put(CUSTOMER, customer, "customer.created")
        if price := self._any(store, PRICE):
            sub = store.new_id("sub")
            item = stripe.item(now, 1, id=store.new_id("si"), price=price, subscription=sub)
            made = stripe.subscription(now, [item], id=sub, customer=id, latest_invoice=None)
            store.put(SUBSCRIPTION, made, "customer.subscription.created")
        return "customer.created"

    def _rename(self) -> str:
        return self._change(CUSTOMER, "customer.updated", lambda c: c | {"name": self._name()})

    def _upgrade(self) -> str:
        def grown(sub: JSON) -> JSON:
            items = [item | {"quantity": item["quantity"] + 1} for item in sub["items"]["data"]]
            return sub | {"items": sub["items"] | {"data": items}}

        return self._change(SUBSCRIPTION, "customer.subscription.updated", grown)

    def _cancel(self) -> str:
        now = int(self.world.clock())
        ended = {"status": "canceled", "canceled_at": now, "ended_at": now}
        return self._change(SUBSCRIPTION, "customer.subscription.deleted", lambda s: s | ended)

    def _change(self, type: str, event: str, change: Callable[[JSON], JSON]) -> str:
        store = self.world.stripe.store
        with store.lock:
            if found := self._any(store, type):
                store.put(type, change(found), event)
        return event if found else ""

    def _leave(self) -> str:
        store = self.world.stripe.store
        with store.lock:
            if found := self._any(store, CUSTOMER):
                store.delete(CUSTOMER, found["id"], "customer.deleted")
        return "customer.deleted" if found else ""

    def _sign_up(self) -> str:
        store, now = self.world.clerk.store, int(self.world.clock() * 1000)
        user = clerk.user(now, id=store.new_id("user"), first_name=self.dice.choice(NAMES))
        store.put(USER, user, "user.created")
        return "user.created"

    def _sign_in(self) -> str:
        """Have somebody be renamed, since a mere sign-in is told by no event."""
        store, now = self.world.clerk.store, int(self.world.clock() * 1000)
        with store.lock:
            if found := self._any(store, USER):
                changed = {"last_name": self._name(), "updated_at": now}
                store.put(USER, found | changed, "user.updated")
        return "user.updated" if found else ""

    def _sign_off(self) -> str:
        store = self.world.clerk.store
        with store.lock:
            if found := self._any(store, USER):
                store.delete(USER, found["id"], "user.deleted")
        return "user.deleted" if found else ""


_WEIGHTS: dict[Callable[[Living], str], int] = {
    Living._arrive: 6,  # noqa: SLF001  our own
    Living._rename: 6,  # noqa: SLF001
    Living._upgrade: 10,  # noqa: SLF001
    Living._cancel: 2,  # noqa: SLF001
    Living._leave: 1,  # noqa: SLF001
    Living._sign_up: 6,  # noqa: SLF001
    Living._sign_in: 6,  # noqa: SLF001
    Living._sign_off: 1,  # noqa: SLF001
}
"""How often each thing happens, compared with the others."""
