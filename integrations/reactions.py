"""What happens to whom: which effects the services' events have, as one table.

Each holds only where its target is set up. To have another table, name a module of your own in
REACTIONS, which may take from this one: docs/reactions.md.
"""

from collections.abc import Callable, Iterator
from typing import Any

from integrations.effects import Effect, Reaction
from integrations.interface import Event
from integrations.r2 import effects as r2
from integrations.schema import JSON

USER = ("user.created", "user.updated", "user.deleted")
ORGANIZATION = ("organization.created", "organization.updated", "organization.deleted")

Effects = Callable[[Event], Iterator[Effect]]


def object_at(target: str, action: str) -> Effects:
    """Return the effect on what stands for the event's object at another service."""

    def effects(event: Event) -> Iterator[Effect]:
        if isinstance(id := event.snapshot.object.get("id"), str) and id:
            yield Effect(target=target, action=action, entity=id)

    return effects


def capture(name: str, *fields: str) -> Effects:
    """Return the event of PostHog about the customer, with these fields of Stripe's object.

    Of an object that belongs to nobody there is none.
    """

    def effects(event: Event) -> Iterator[Effect]:
        obj = event.snapshot.object
        properties = {f: obj[f] for f in ("id", *fields) if obj.get(f) is not None}
        if whose := _whose(obj):
            told = {"event": name, "properties": properties, "account": event.account} | whose
            yield Effect(target="posthog", action="capture", payload=told)

    return effects


def _whose(obj: JSON) -> JSON:
    """Return the customer of an object, or the user whom a checkout without one names."""
    customer: Any = obj.get("customer")
    if isinstance(customer, dict):
        customer = customer.get("id")
    reference = obj.get("client_reference_id")
    if isinstance(customer, str) and customer:
        return {"customer": customer}
    return {"user": reference} if isinstance(reference, str) and reference else {}


def _clerk(types: tuple[str, ...], effects: Effects) -> Reaction:
    return Reaction(service="clerk", types=types, effects=effects)


def _stripe(type: str, effects: Effects) -> Reaction:
    return Reaction(service="stripe", types=(type,), effects=effects)


def _captured(*named: tuple[str, str, str]) -> list[Reaction]:
    return [_stripe(type, capture(name, *fields.split())) for type, name, fields in named]


_PLAN = "status currency cancel_at_period_end trial_end"
_CHECKOUT = "mode payment_status amount_total currency subscription"

REACTIONS = [
    _clerk(USER, object_at("loops", "contact")),
    _clerk(USER, object_at("posthog", "identify")),
    _clerk(ORGANIZATION, object_at("posthog", "group")),
    *_captured(
        ("checkout.session.completed", "checkout completed", _CHECKOUT),
        ("customer.subscription.created", "subscription created", _PLAN),
        ("customer.subscription.updated", "subscription updated", _PLAN),
        ("customer.subscription.deleted", "subscription ended", _PLAN),
        ("invoice.paid", "invoice paid", "amount_paid currency"),
        ("charge.refunded", "charge refunded", "amount_refunded currency"),
    ),
    Reaction(service="r2", types=r2.ACTIONS, effects=r2.settles),
]
