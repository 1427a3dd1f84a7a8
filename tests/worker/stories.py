"""What Stripe and Clerk would send: small builders of objects, events and their deliveries."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from integrations.clerk import CLERK
from integrations.errors import Transient
from integrations.interface import Delivery, Event
from integrations.stripe import STRIPE
from settings import settings
from worker import attempts, inbox
from worker.drain import drain
from worker.retry import RetryPolicy

T0 = 1_700_000_000
POLICY = RetryPolicy(attempts=3, first=600, longest=3600)
DUE = "UPDATE events SET retry_at = now() - interval '1 s'"
SERVICES = {"stripe": STRIPE, "clerk": CLERK}
Object = dict[str, Any]


def delivery(body: bytes, service: str = "stripe", **headers: str) -> Delivery:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Delivery(service, "", body, named, datetime.now(UTC))


def stripe(id: str, type: str, object: Object, at: int | None = T0, **envelope: Any) -> Delivery:
    event = {
        "id": id,
        "object": "event",
        "type": type,
        "created": at,
        "livemode": False,
        "api_version": "2025-03-31.basil",
        "data": {"object": object},
    }
    return delivery(json.dumps(event | envelope).encode())


def clerk(id: str, type: str, data: Any, at: int | None = T0) -> Delivery:
    event = {
        "object": "event",
        "type": type,
        "timestamp": at and at * 1000,
        "instance_id": "ins_1",
        "data": data,
    }
    return delivery(json.dumps(event).encode(), "clerk", svix_id=id)


def invoice(id: str = "evt_1", **envelope: Any) -> Delivery:
    """An event that has a handler in the tests, and no mirror."""
    return stripe(id, "invoice.paid", {"object": "invoice", "id": "in_1"}, **envelope)


def customer(id: str = "cus_1", **fields: Any) -> Object:
    return {"object": "customer", "id": id, "name": "Ada", "created": T0} | fields


def customer_event(event_id: str = "evt_1", at: int = T0, **fields: Any) -> Delivery:
    return stripe(event_id, "customer.updated", customer(**fields), at)


def product(id: str = "prod_1", **fields: Any) -> Object:
    return {"object": "product", "id": id, "name": "Basic", "updated": T0} | fields


def price(id: str = "price_1", **fields: Any) -> Object:
    return {"object": "price", "id": id, "product": "prod_1", "unit_amount": 900} | fields


def item(id: str = "si_1", price_id: str = "price_1", **fields: Any) -> Object:
    return {"object": "subscription_item", "id": id, "price": price(price_id)} | fields


def subscription(id: str = "sub_1", items: list[Object] | None = None, **fields: Any) -> Object:
    """In the shape since basil: the period is in the items."""
    period = {"current_period_start": T0, "current_period_end": T0 + 86400}
    listed = [i | period for i in ([item()] if items is None else items)]
    return {
        "object": "subscription",
        "id": id,
        "customer": "cus_1",
        "status": "active",
        "items": {"object": "list", "data": listed},
    } | fields


def old_subscription(id: str = "sub_1", **fields: Any) -> Object:
    """In the shape before: the period at the top, plans in the items."""
    plan = {"object": "plan", "id": "price_1", "product": "prod_1", "currency": "eur"}
    return {
        "object": "subscription",
        "id": id,
        "customer": {"object": "customer", "id": "cus_1"},
        "status": "active",
        "billing": "charge_automatically",
        "start": T0,
        "plan": plan,
        "current_period_start": T0,
        "current_period_end": T0 + 86400,
        "items": {"data": [{"object": "subscription_item", "id": "si_1", "plan": plan}]},
    } | fields


def summary(customer: str, names: str, *, has_more: bool = False) -> Object:
    """What a customer may use: a feature for each letter."""
    listed = [{"id": f"ent_{x}", "feature": f"feat_{x}", "lookup_key": x} for x in names]
    return {
        "object": "entitlements.active_entitlement_summary",
        "customer": customer,
        "entitlements": {"object": "list", "data": listed, "has_more": has_more},
    }


def user(id: str = "user_1", at: int = T0, **fields: Any) -> Object:
    return {
        "object": "user",
        "id": id,
        "updated_at": at * 1000,
        "primary_email_address_id": "idn_1",
        "email_addresses": [{"id": "idn_1", "email_address": "ada@example.com"}],
    } | fields


def membership(id: str = "orgmem_1", at: int = T0, **fields: Any) -> Object:
    """In the shape of instances older than December 2023, as far as the role goes."""
    return {
        "object": "organization_membership",
        "id": id,
        "updated_at": at * 1000,
        "organization": {"object": "organization", "id": "org_1", "name": "Abacus"},
        "public_user_data": {"user_id": "user_1"},
        "role": "basic_member",
    } | fields


def fail(_session: Session, _event: Event) -> None:
    """What a handler does when its service is away."""
    raise Transient("not yet")


def put(*deliveries: Delivery) -> None:
    for one in deliveries:
        inbox.put(one)


def drained(service: str = "stripe") -> Mapping[str, int]:
    """Answer a doorbell, and those that it rings when its time is up; return all counts."""
    counts: Counter[str] = Counter()
    while True:
        told = rung(service)
        left = told.pop("left", None)
        counts.update(told)
        if not (left and told):
            return counts if left is None else {**counts, "left": left}


def rung(service: str = "stripe") -> dict[str, int]:
    """Answer one doorbell; return the counts."""
    return _counts(drain(SERVICES[service], POLICY))


def retried(service: str = "stripe") -> Mapping[str, int]:
    """Attempt what is due; return the counts."""
    return _counts(attempts.retry(SERVICES[service], POLICY))


def _counts(report: str) -> dict[str, int]:
    return {name.strip(): int(count) for name, count in re.findall(r"([a-z ]+)=(\d+)", report)}


def age(times: int | None = None, service: str = "stripe") -> None:
    """Let all pending entries look as if their worker had died long ago, after so many takings."""
    redis, key = inbox.redis(), inbox.stream(service)
    ids: Any = [p["message_id"] for p in redis.xpending_range(key, inbox.GROUP, "-", "+", 1000)]
    idle = int(settings().inbox.reclaim_idle_seconds * 1000) + 1000
    redis.xclaim(key, inbox.GROUP, inbox.CONSUMER, 0, ids, idle=idle, retrycount=times, justid=True)
