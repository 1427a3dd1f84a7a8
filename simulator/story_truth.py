"""What Stripe holds in the end of the demo's story, and its log: of one event nobody was told."""

from itertools import chain

from simulator import story, stripe
from simulator.store import Store
from simulator.stripe_billing import invoice
from simulator.text import JSON

LOST = "evt_paid"
ROW = ("stripe_invoices", "in_ExampleInvoice", {"status": "paid"})
"""What is here once the lost event was fetched: table, id, columns."""
TOLD = ("PostHog", "invoice paid", "user_ExampleUser")
"""What followed from it: service, what, about whom."""


def put(store: Store, now: int) -> None:
    """Put what the story tells of into Stripe's store. `now`: Unix seconds."""
    steps = chain(story.beginning(now), story.middle(now), story.end(now))
    bodies = [s.body for s in steps if s.service == "stripe" and s.stored]
    told = {body["id"]: body for body in bodies if isinstance(body, dict)} | {LOST: _paid(now)}
    for event in sorted(told.values(), key=lambda event: int(event["created"])):
        store.log(event["id"], event)
        obj = event["data"]["object"]
        if "id" in obj:
            store.put(obj["object"], obj)


def _paid(now: int) -> JSON:
    at = now - story.AGO + 40
    return stripe.event("invoice.paid", invoice(at), at, LOST)
