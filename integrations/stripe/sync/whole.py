"""The lists in objects, of which an answer tells the first ten: all of them."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from integrations.errors import Unreadable
from integrations.schema import JSON
from integrations.stripe.schemas.lists import Listed
from integrations.stripe.sync.answers import Caller

Place = Callable[[str], tuple[str, Mapping[str, Any]]]

PLACES: Mapping[str, tuple[str, Place]] = {
    # SDK _subscription_item_service.py and _invoice_line_item_service.py
    "subscription": ("items", lambda key: ("/v1/subscription_items", {"subscription": key})),
    "invoice": ("lines", lambda key: (f"/v1/invoices/{quote(key, safe='')}/lines", {})),
}
"""The list that the mirror of a type reads, and where all of it is."""


def whole(kind: str, stripe: Caller, value: JSON) -> JSON:
    """Return the object with its whole list. Raises as `Caller.all`, Missing if it is gone.

    Tiers that were asked for and that a price does not have are left out, as events do.
    """
    if kind == "price" and value.get("tiers") is None:
        return {name: part for name, part in value.items() if name != "tiers"}
    field, place = PLACES.get(kind, ("", None))
    if place is None or value.get("deleted") is True or _is_whole(value.get(field)):
        return value
    path, params = place(value["id"])
    return {**value, field: _all(value.get(field), stripe.all(path, **params))}


def _is_whole(listed: Any) -> bool:
    """Return whether a list in an object tells all; where it is none the mirror says so."""
    try:
        return Listed[JSON].read(listed).whole
    except Unreadable:
        return True


def _all(listed: JSON | None, members: list[JSON]) -> JSON:
    told = {"object": "list", **(listed or {}), "data": members, "has_more": False}
    return told | {name: len(members) for name in ("total_count", "count") if name in told}
