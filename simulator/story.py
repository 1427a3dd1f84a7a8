"""The demo's story: a user signs up, a customer subscribes and upgrades, and much goes wrong.

What it has other services told stands at the end.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from simulator import clerk, stripe
from simulator.text import JSON

AGO = 600
"""So many seconds ago it began: what is younger than a minute no catch-up asks for."""


@dataclass(frozen=True, slots=True)
class Step:
    """One delivery, and what must become of it: the answer, then the ledger's status."""

    what: str
    service: str
    body: JSON | bytes
    answer: str = "202"
    status: str = "handled"
    attempts: int = 1
    event_id: str = ""
    age: float = 0
    forged: bool = False

    @property
    def id(self) -> str:
        """Return the event's id, '' for what has none."""
        return self.event_id or ("" if isinstance(self.body, bytes) else str(self.body["id"]))

    @property
    def stored(self) -> bool:
        """Return whether the receiver takes it."""
        return self.answer == "202"


def beginning(now: int) -> Iterator[Step]:
    """Yield what is sent at first. `now`: Unix seconds."""
    start = now - AGO
    user = clerk.event("user.created", clerk.user(start * 1000), start * 1000)
    yield Step("a user signs up", "clerk", user, event_id="msg_user_created")
    customer = stripe.customer(start, metadata=_WHO)
    yield _stripe("and becomes a customer", "customer.created", customer, start, "evt_customer")


def middle(now: int) -> Iterator[Step]:
    """Yield what is sent once it is known who the customer is."""
    start = now - AGO
    seats = [stripe.item(start, quantity=5)]
    upgraded = stripe.subscription(start, seats)
    upgrade = "customer.subscription.updated"
    yield _stripe(
        "the upgrade to 5 seats comes first", upgrade, upgraded, start + 20, "evt_upgrade"
    )
    first = stripe.subscription(start)
    subscribed = "customer.subscription.created"
    yield _stripe("the subscription comes late", subscribed, first, start + 10, "evt_subscribed")
    yield _stripe("the upgrade comes again", upgrade, upgraded, start + 20, "evt_upgrade")
    renamed = stripe.customer(start, name="Ada Lovelace", metadata=_WHO)
    yield Step(
        "a new name; the team's handler fails once",
        "stripe",
        stripe.event("customer.updated", renamed, start + 30, "evt_renamed"),
        attempts=2,
    )
    yield from _refused(now)
    yield from _troubled(start)


def _refused(now: int) -> Iterator[Step]:
    stolen = stripe.event("customer.deleted", stripe.customer(now), now, "evt_forged")
    yield Step("somebody forges", "stripe", stolen, "401 signature_mismatch", forged=True)
    old = stripe.event("customer.deleted", stripe.customer(now), now, "evt_stale")
    yield Step("an old request is replayed", "stripe", old, "401 timestamp_too_old", age=900)


def _troubled(start: int) -> Iterator[Step]:
    yield Step("a signed body that is no JSON", "stripe", b"{ oops", status="dead")
    other = stripe.event("balance.available", {"object": "balance"}, start, "evt_balance")
    yield Step("a type that nobody handles", "stripe", other, status="ignored")
    price = stripe.event("price.created", stripe.price(start), start + 5, "evt_price")
    yield Step("a price without its product", "stripe", price, status="dead")


def end(now: int) -> Iterator[Step]:
    """Yield what is sent once the rest is settled: what the dead letter was missing."""
    start = now - AGO
    product = stripe.product(start)
    yield _stripe("the product comes", "product.created", product, start + 10, "evt_product")


def _stripe(what: str, event_type: str, obj: JSON, created: int, event_id: str) -> Step:
    return Step(what, "stripe", stripe.event(event_type, obj, created, event_id))


_USER = "user_ExampleUser"
_WHO = {"user_id": _USER}  # written by the application when it makes the customer

ROWS: dict[str, tuple[str, dict[str, object]]] = {
    "clerk_users": (_USER, {"primary_email": "ada@example.com"}),
    "stripe_customers": ("cus_ExampleCustomer", {"name": "Ada Lovelace", "deleted_at": None}),
    "stripe_subscriptions": ("sub_ExampleSubscription", {"status": "active"}),
    "stripe_subscription_items": ("si_ExampleItem", {"quantity": 5}),
    "stripe_prices": ("price_ExamplePrice", {"unit_amount": 1200}),
    "stripe_products": ("prod_ExampleProduct", {"name": "Team"}),
}
"""What the tables must show in the end: table -> (id, columns)."""

ASKED = {"eventName": "trial ended", "userId": _USER}
"""What the application has Loops told, in a transaction of its own."""

CONTACT = {
    "userId": _USER,
    "email": "ada@example.com",
    "firstName": "Ada",
    "lastName": "Example",
    "subscribed": True,
}
"""What Loops must know in the end."""

TOLD = [
    ("Loops", "contact", _USER),
    ("Loops", "trial ended", _USER),
    ("PostHog", "$set", _USER),
    ("PostHog", "subscription created", _USER),
    ("PostHog", "subscription updated", _USER),
]
"""What must have been told to whom, each once: service, what, about whom."""

CALLS_TO_LOOPS = 3
"""Two effects, of which one fails once."""
