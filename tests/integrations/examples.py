"""One small event for each object that a mirror keeps, a secret, and the way to sign."""

import base64
import json
import time
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from integrations import INTEGRATIONS
from integrations.interface import Delivery, Event, Integration, Snapshot
from simulator.lives import SOURCES

SECRET = "whsec_" + base64.b64encode(b"the secret of these tests").decode()
OTHER_SECRET = "whsec_" + base64.b64encode(b"another secret of the tests").decode()
CREATED = 1_700_000_000

Objects = dict[str, Any]

_PRICE: Objects = {
    "id": "price_1",
    "object": "price",
    "product": "prod_1",
    "unit_amount_decimal": "990.5",
    "recurring": {"interval": "month", "interval_count": 1},
}
_STRIPE: Objects = {
    "customer": {"id": "cus_1", "object": "customer", "email": "ada@example.org"},
    "product": {"id": "prod_1", "object": "product", "name": "Abacus", "default_price": "price_1"},
    "price": _PRICE,
    "subscription": {
        "id": "sub_1",
        "object": "subscription",
        "customer": "cus_1",
        "status": "active",
        "items": {"object": "list", "data": [{"id": "si_1", "price": _PRICE, "quantity": 3}]},
    },
    "entitlements.active_entitlement_summary": {
        "id": "cus_1",
        "object": "entitlements.active_entitlement_summary",
        "customer": "cus_1",
        "entitlements": {"object": "list", "data": [{"id": "ent_1", "lookup_key": "reports"}]},
    },
    "invoice": {
        "id": "in_1",
        "object": "invoice",
        "customer": "cus_1",
        "status": "open",
        "parent": {"subscription_details": {"subscription": "sub_1"}},
    },
    "invoice_payment": {
        "id": "inpay_1",
        "object": "invoice_payment",
        "invoice": "in_1",
        "payment": {"type": "payment_intent", "payment_intent": "pi_1"},
    },
    "payment_method": {"id": "pm_1", "object": "payment_method", "customer": "cus_1"},
    "payment_intent": {"id": "pi_1", "object": "payment_intent", "customer": "cus_1"},
    "charge": {"id": "ch_1", "object": "charge", "payment_intent": "pi_1", "amount": 990},
    "refund": {"id": "re_1", "object": "refund", "charge": "ch_1", "amount": 100},
    "dispute": {"id": "du_1", "object": "dispute", "charge": "ch_1", "amount": 990},
    "checkout.session": {"id": "cs_1", "object": "checkout.session", "customer": "cus_1"},
}
_CLERK: Objects = {
    "user": {
        "id": "user_1",
        "object": "user",
        "first_name": "Ada",
        "primary_email_address_id": "idn_2",
        "email_addresses": [
            {"id": "idn_1", "email_address": "old@example.org", "verification": None},
            {
                "id": "idn_2",
                "email_address": "ada@example.org",
                "verification": {"status": "verified"},
            },
        ],
        "updated_at": CREATED * 1000,
    },
    "organization": {
        "id": "org_1",
        "object": "organization",
        "name": "Abacus",
        "created_by": "user_1",
        "updated_at": CREATED * 1000,
    },
    "organization_membership": {
        "id": "orgmem_1",
        "object": "organization_membership",
        "organization": {"id": "org_1", "object": "organization", "name": "Abacus"},
        "public_user_data": {"user_id": "user_1", "identifier": "ada@example.org"},
        "role": "org:admin",
        "updated_at": CREATED * 1000,
    },
    "organization_invitation": {
        "id": "orginv_1",
        "object": "organization_invitation",
        "email_address": "bea@example.org",
        "organization_id": "org_1",
        "inviter_id": "user_1",
        "status": "pending",
        "updated_at": CREATED * 1000,
    },
}
_OTHERS = {name: SOURCES[name] for name in INTEGRATIONS if name not in {"stripe", "clerk"}}
OBJECTS: dict[str, Objects] = {"stripe": _STRIPE, "clerk": _CLERK} | {
    name: {kind: life.made(CREATED) for kind, life in source.lives.items()}
    for name, source in _OTHERS.items()
}


def stripe_event(obj: dict[str, Any], type: str = "customer.updated", **more: Any) -> Any:
    """Return an event of Stripe about the object."""
    return {
        "id": "evt_1",
        "object": "event",
        "type": type,
        "created": CREATED,
        "api_version": "2026-10-28.endive",
        "livemode": False,
        "data": {"object": deepcopy(obj)},
    } | more


def clerk_event(obj: dict[str, Any], type: str = "user.updated", **more: Any) -> Any:
    """Return an event of Clerk about the object."""
    return {
        "object": "event",
        "type": type,
        "instance_id": "ins_1",
        "timestamp": CREATED,
        "data": deepcopy(obj),
    } | more


EVENTS: dict[str, Objects] = {
    "stripe": {kind: stripe_event(obj) for kind, obj in _STRIPE.items()},
    "clerk": {kind: clerk_event(obj) for kind, obj in _CLERK.items()},
} | {
    name: {
        kind: source.wrap(life.created, life.made(CREATED), CREATED, "evt_1", "")[0]
        for kind, life in source.lives.items()
        if not life.listed
    }
    for name, source in _OTHERS.items()
}


def body_of(service: Integration) -> bytes:
    """Return the body of a sound event of the service."""
    return json.dumps(next(iter(EVENTS[service.name].values()))).encode()


def signed(service: Integration, body: bytes, *, age: float = 0, secret: str = SECRET) -> Any:
    """Return the headers of a request signed so many seconds ago."""
    return service.sign(body, secret, time.time() - age, "msg_1")


def delivery(service: str, body: Any, **headers: str) -> Delivery:
    """Return the delivery of a body, given as bytes or as what JSON shall be made of."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    kept = {name.replace("_", "-"): value for name, value in headers.items()}
    sender = dict.fromkeys(INTEGRATIONS[service].kept_headers[:1], "msg_1")
    return Delivery(service, "", raw, kept or sender, datetime.now(UTC))


def read(service: str, body: Any, **headers: str) -> Event:
    """Return what the service reads in the body, when its secrets are out of it."""
    came = delivery(service, body, **headers)
    return INTEGRATIONS[service].read(INTEGRATIONS[service].safe(came))


def project(
    service: str, obj: dict[str, Any], kind: str = "", source: str = "webhook"
) -> list[Any]:
    """Return the rows of an object; it says itself of which kind it is, or that is given."""
    kind = kind or obj["object"]
    snapshot = Snapshot(kind, obj, CREATED * 1000, source)
    return INTEGRATIONS[service].mirrors[kind].project(snapshot)


def texts_in(value: Any) -> Iterator[str]:
    """Yield every key and every text in the JSON, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for inner in value:
            yield from texts_in(inner)
    if isinstance(value, dict):
        yield from texts_in(list(value.values()))


def is_storable(value: Any) -> bool:
    """Return whether Postgres can keep the JSON: neither NUL nor a lone surrogate is in it."""
    text = "".join(f"{text} " for text in texts_in(value))
    return "\0" not in text and text == text.encode(errors="replace").decode()
