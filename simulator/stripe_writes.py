"""What one can write at Stripe: customers, products, prices, subscriptions, webhook endpoints."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from simulator import stripe
from simulator.forms import like
from simulator.store import Store
from simulator.stripe_filters import RefusedError
from simulator.stripe_lists import Resource, parameters
from simulator.text import JSON

ENDPOINT = "webhook_endpoint"
_EVENTS = {"subscription": "customer.subscription", ENDPOINT: ""}
"""What the events of a type begin with, where it is not the type; '' where nothing is told."""
_PREFIXES = {
    "customer": "cus", "product": "prod", "price": "price", "subscription": "sub",
    ENDPOINT: "we",
}  # fmt: skip
_REQUIRED = {
    "product": ("name",),
    "price": ("currency",),
    "subscription": ("customer", "items"),
    ENDPOINT: ("url", "enabled_events"),
}


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes into a store."""

    store: Store

    def create(self, resource: Resource, body: JSON) -> JSON:
        """Return a new object. Raises RefusedError."""
        make = _MAKES.get(resource.type)
        if make is None:
            raise _unknown_path()
        _check(resource, "Create", body)
        for name in _REQUIRED.get(resource.type, ()):
            if name not in body:
                raise RefusedError(
                    400, "parameter_missing", f"Missing required param: {name}.", name
                )
        id = body.get("id") or self.store.new_id(_PREFIXES[resource.type])
        template = make(int(self.store.now())) | {"id": id}
        made = template | self._said(resource, body, template)
        return self.store.put(resource.type, made, _event(resource.type, "created"))

    def update(self, resource: Resource, obj: JSON, body: JSON) -> JSON:
        """Return the object as it is now. Raises RefusedError."""
        if resource.type not in _MAKES:
            raise _unknown_path()
        _check(resource, "Modify", body)
        now = obj | self._said(resource, body, obj)
        if "updated" in obj:
            now |= {"updated": int(self.store.now())}
        if resource.type == ENDPOINT and "disabled" in body:
            now |= {"status": "disabled" if body["disabled"] == "true" else "enabled"}
        return self.store.put(resource.type, now, _event(resource.type, "updated"))

    def delete(self, resource: Resource, obj: JSON) -> JSON:
        """Return what is left of it: of a subscription, that it is canceled."""
        if resource.type == "subscription":
            now = int(self.store.now())
            canceled = obj | {"status": "canceled", "canceled_at": now, "ended_at": now}
            return self.store.put(resource.type, canceled, "customer.subscription.deleted")
        if resource.type not in _MAKES or resource.type == "price":
            raise _unknown_path()
        self.store.delete(resource.type, obj["id"], _event(resource.type, "deleted"))
        return {"id": obj["id"], "object": obj["object"], "deleted": True}

    def _said(self, resource: Resource, body: JSON, obj: JSON) -> JSON:
        """Return the fields that are written, as they are kept; others say how to write them."""
        type, known = resource.type, resource.fields - {"id"}
        said: JSON = {name: v for name, v in like(body, obj).items() if name in known}
        if "metadata" in body:
            said["metadata"] = _metadata(obj.get("metadata") or {}, body["metadata"])
        if type == "subscription":
            self._known("customer", said.get("customer"), "customer")
            said |= {"items": self._items(obj, body["items"])} if "items" in body else {}
        if type == "price":
            self._known("product", said.get("product"), "product")
        return said

    def _known(self, type: str, id: Any, param: str) -> JSON:
        found = self.store.get(type, str(id)) if id else {}
        if found is None:
            raise RefusedError(400, "resource_missing", f"No such {type}: '{id}'", param)
        return dict(found)

    def _items(self, sub: JSON, wanted: list[JSON]) -> JSON:
        """Return the items of a subscription: those that are named change, others are added."""
        kept = {i["id"]: i for i in sub["items"]["data"] if sub["id"] == i["subscription"]}
        for item in wanted:
            self._change(kept, sub, item)
        listed = list(kept.values())
        items: JSON = sub["items"]
        return items | {"data": listed, "total_count": len(listed), "has_more": False}

    def _change(self, items: dict[str, JSON], sub: JSON, wanted: JSON) -> None:
        id = wanted.get("id") or self.store.new_id("si")
        if wanted.get("deleted") == "true":
            items.pop(id, None)
            return
        now = int(self.store.now())
        item: JSON = items.get(id) or stripe.item(now, 1, id=id, subscription=sub["id"])
        price = self._known("price", wanted.get("price"), "items[0][price]") or item["price"]
        quantity = int(wanted.get("quantity") or item["quantity"])
        items[id] = item | {"price": price, "quantity": quantity}


def _metadata(old: JSON, said: Any) -> JSON:
    """Return what is left: a key is unset by an empty text, all keys by one for the whole."""
    given = said if isinstance(said, dict) else dict.fromkeys(old, "")
    return {name: value for name, value in (old | given).items() if value != ""}


def _check(resource: Resource, doing: str, body: JSON) -> None:
    for unknown in sorted(body.keys() - parameters(resource.named, doing) - _OLDER):
        message = f"Received unknown parameter: {unknown}"
        raise RefusedError(400, "parameter_unknown", message, unknown)


_OLDER = {"id"}


def _event(type: str, what: str) -> str | None:
    begins = _EVENTS.get(type, type)
    return f"{begins}.{what}" if begins else None


def _unknown_path() -> RefusedError:
    return RefusedError(404, "", "Unrecognized request URL: the simulator does not know it")


def _customer(created: int) -> JSON:
    return stripe.customer(created, email=None, name=None, preferred_locales=[])


def _product(created: int) -> JSON:
    return stripe.product(created, description=None, unit_label=None)


def _price(created: int) -> JSON:
    once = {"recurring": None, "type": "one_time", "nickname": None}
    return stripe.price(created, unit_amount=None, unit_amount_decimal=None, **once)


def _endpoint(created: int) -> JSON:
    return {
        "id": "",
        "object": ENDPOINT,
        "api_version": None,
        "application": None,
        "created": created,
        "description": None,
        "enabled_events": [],
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": "",
    }


_MAKES: Mapping[str, Callable[[int], JSON]] = {
    "customer": _customer,
    "product": _product,
    "price": _price,
    "subscription": lambda created: stripe.subscription(created, []),
    ENDPOINT: _endpoint,
}
