"""Lists at Stripe that belong to an object: items, lines, a customer's features and cards."""

from collections.abc import Sequence
from typing import Any

from simulator.store import Store
from simulator.stripe_filters import RefusedError
from simulator.stripe_lists import number
from simulator.stripe_shapes import members
from simulator.text import JSON

SUMMARY = "entitlements.active_entitlement_summary"
_MEMBERS = {
    "subscription_items": ("subscription", "items", "subscription"),
    "entitlements/active_entitlements": (SUMMARY, "entitlements", "customer"),
}


def embedded(store: Store, path: str, query: JSON) -> Sequence[JSON] | None:
    """Return all members of what has its own list, None if the path is of none.

    Raises RefusedError.
    """
    if path in _MEMBERS:
        type, name, param = _MEMBERS[path]
        if param not in query:
            message = f"Missing required param: {param}."
            raise RefusedError(400, "parameter_missing", message, param)
        return _in(store, type, query[param], name)
    match path.split("/"):
        case ["invoices", id, "lines"]:
            return _in(store, "invoice", id, "lines")
        case ["customer" | "customers", id, name]:
            return _of_customer(store, id, name)
        case ["entitlements", "features"]:
            return _features(store)
    return None


def _of_customer(store: Store, id: str, name: str) -> Sequence[JSON] | None:
    if name == "entitlements":
        return _in(store, SUMMARY, id, name)
    if name != "payment_methods":
        return None
    _in(store, "customer", id)
    kept = store.objects.get("payment_method", {}).values()
    return [method for method in kept if method["customer"] == id]


def _features(store: Store) -> Sequence[JSON]:
    """Return what any customer may use (SDK stripe/entitlements/_feature.py)."""
    summaries = store.objects.get(SUMMARY, {}).values()
    found = {one["feature"]: one for s in summaries for one in members(s, "entitlements")}
    named = {"object": "entitlements.feature", "active": True, "metadata": {}}
    return [
        named | {"id": id, "lookup_key": one["lookup_key"], "name": one["lookup_key"]}
        for id, one in found.items()
    ]


def _in(store: Store, type: str, id: str, name: str = "") -> Sequence[JSON]:
    parent = store.get(type, id)
    if parent is None and type != SUMMARY:
        raise RefusedError(404, "resource_missing", f"No such {type}: '{id}'", "id")
    return members(parent, name) if parent and name else []


def paged(listed: Sequence[JSON], query: JSON) -> tuple[list[Any], bool]:
    """Return a page of members, which stand in their own order."""
    limit, after = number(query, "limit", 10), query.get("starting_after")
    ids = [one["id"] for one in listed]
    begin = ids.index(after) + 1 if after in ids else 0
    return list(listed[begin : begin + limit]), begin + limit < len(listed)
