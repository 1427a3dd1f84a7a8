"""How Stripe shows an object: as of an API version, its lists cut short, parts of it expanded."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from simulator.text import JSON

BASIL = "2025-03-31"
"""The periods of a subscription moved to its items then, an invoice's subscription to its parent
(docs.stripe.com/changelog/basil)."""
SHOWN = 10
"""Members of an embedded list (https://docs.stripe.com/api/pagination)."""
_PERIOD = ("current_period_start", "current_period_end")
_DEEPEST = 4  # https://docs.stripe.com/api/expanding_objects

Find = Callable[[str], JSON | None]
"""Returns the object of an id, of whatever type."""


def as_of(version: str, obj: JSON) -> JSON:
    """Return an object as an API version shows it; '' is the newest."""
    change = _BEFORE_BASIL.get(str(obj.get("object")))
    shown = change(obj) if change and version and version < BASIL else obj
    return _cut(shown)


def _subscription(sub: JSON) -> JSON:
    items = sub["items"]["data"]
    starts, ends = ([i[name] for i in items if i.get(name)] for name in _PERIOD)
    period = {"current_period_start": min(starts, default=None)}
    kept = [{name: v for name, v in item.items() if name not in _PERIOD} for item in items]
    listed = sub["items"] | {"data": kept}
    return sub | period | {"current_period_end": max(ends, default=None), "items": listed}


def _invoice(invoice: JSON) -> JSON:
    details = (invoice.get("parent") or {}).get("subscription_details") or {}
    rest = {name: v for name, v in invoice.items() if name not in {"parent", "total_taxes"}}
    mended: JSON = {"subscription": details.get("subscription"), "total_tax_amounts": []}
    return rest | mended | {"paid": invoice["status"] == "paid"}


_BEFORE_BASIL: Mapping[str, Callable[[JSON], JSON]] = {
    "subscription": _subscription,
    "invoice": _invoice,
}
_MEMBERS = {  # where the rest of an embedded list is found
    ("subscription", "items"): "/v1/subscription_items?subscription={id}",
    ("invoice", "lines"): "/v1/invoices/{id}/lines",
    (
        "entitlements.active_entitlement_summary",
        "entitlements",
    ): "/v1/customer/{customer}/entitlements",
}


def _cut(obj: JSON) -> JSON:
    for (of, name), url in _MEMBERS.items():
        if obj.get("object") == of and name in obj:
            members = obj[name]["data"]
            listed = {"data": members[:SHOWN], "has_more": len(members) > SHOWN}
            return obj | {name: obj[name] | listed | {"url": url.format_map(obj)}}
    return obj


def members(obj: JSON, name: str) -> Sequence[JSON]:
    """Return all members of an embedded list."""
    return list(obj[name]["data"])


def expanded(obj: JSON, paths: Sequence[str], find: Find) -> JSON:
    """Return an object, or a list of them, with whole objects in place of ids, by their paths."""
    for path in paths:
        obj = _expanded(obj, path.split(".")[:_DEEPEST], find)
    return obj


def _expanded(value: Any, steps: Sequence[str], find: Find) -> Any:
    if isinstance(value, list):
        return [_expanded(one, steps, find) for one in value]
    if not steps or not isinstance(value, dict) or value.get(steps[0]) is None:
        return value
    inner = value[steps[0]]
    if isinstance(inner, str):
        inner = find(inner) or inner
    return value | {steps[0]: _expanded(inner, steps[1:], find)}
