"""An envelope for what others published: an id of its own for each event, a sender for objects."""

import re
import time
from collections.abc import Callable
from typing import Any

from simulator.text import JSON

_PREFIXES = {  # of an object's events, where it is not the object's name
    "bank_account": "customer.source",
    "card": "customer.source",
    "discount": "customer.discount",
    "dispute": "charge.dispute",
    "subscription": "customer.subscription",
    "tax_id": "customer.tax_id",
}
_ENDINGS = {  # of an object that has no `updated` (SDK stripe/_event.py)
    "balance": "available",
    "checkout.session": "completed",
    "invoice_payment": "paid",
    "invoiceitem": "created",
    "payment_intent": "succeeded",
    "setup_intent": "succeeded",
}
_WHOLE = ("event", "v2.core.event")

Wrap = Callable[[JSON, str, str], JSON]
"""(what was published, the last word of its name, event id) -> the event."""


def wrap(service: str, value: JSON, name: str, event_id: str) -> JSON:
    """Return the event that carries what was published; of a service unknown here, just that."""
    return _WRAPS.get(service, _as_it_is)(value, name, event_id)


def _as_it_is(value: JSON, _name: str, _event_id: str) -> JSON:
    return value


def _stripe(value: JSON, name: str, event_id: str) -> JSON:
    """Return Stripe's event, of the account that was published with it.

    Else it is of an account of its own, so that no object overwrites another's rows.
    """
    published = _text(value, "account")
    account = {"account": published if published.startswith("acct_") else f"acct_{event_id}"}
    if value.get("object") in _WHOLE:
        return value | account | {"id": event_id}
    created, livemode = value.get("created"), value.get("livemode")
    return account | {
        "id": event_id,
        "object": "event",
        "api_version": None,
        "created": created if type(created) is int else int(time.time()),
        "data": {"object": value},
        "livemode": livemode is True,
        "type": _stripe_type(value, name),
    }


def _stripe_type(value: JSON, name: str) -> str:
    kind = _text(value, "object") or name
    if kind == "invoice" and "id" not in value:
        return "invoice.upcoming"
    ending = "deleted" if value.get("deleted") is True else _ENDINGS.get(kind, "updated")
    return f"{_PREFIXES.get(kind, kind)}.{ending}"


def _clerk(value: JSON, name: str, _event_id: str) -> JSON:
    """Return Clerk's event; its id is in the headers."""
    if value.get("object") in _WHOLE:
        return value
    kind = re.sub("_(.)", lambda found: found[1].upper(), _text(value, "object") or name)
    return {
        "object": "event",
        "type": f"{kind}.{'deleted' if value.get('deleted') is True else 'updated'}",
        "instance_id": "ins_Corpus",
        "timestamp": value.get("updated_at") or int(time.time() * 1000),
        "data": value,
    }


def _posthog(value: JSON, _name: str, event_id: str) -> JSON:
    """Return the body with an event of its own, which is the body itself where that is flat."""
    event = value.get("event")
    if isinstance(event, dict):
        return value | {"event": event | {"uuid": event_id}}
    return value | {"uuid": event_id}


def _text(value: JSON, name: str) -> str:
    found: Any = value.get(name)
    return found if isinstance(found, str) else ""


_WRAPS: dict[str, Wrap] = {"stripe": _stripe, "clerk": _clerk, "posthog": _posthog}
