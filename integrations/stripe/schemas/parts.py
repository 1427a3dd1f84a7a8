"""What Stripe's objects are made of, and what is never kept of them.

A field of a schema that is named like a column of the table is what stands there. Where it lies
elsewhere in the object, or lay in older API versions, `found` says so.
"""

import re
from typing import Annotated, Any

from pydantic import AliasChoices, AliasPath, BeforeValidator, Field

from integrations.errors import Unreadable
from integrations.schema import JSON, Resource, Shape, dump

SECRET = "_secret"  # noqa: S105  stands in the name of the field, and in each of its values
_TOKEN = re.compile(r"(?:(?:pi|seti|cs)_\w+|src_client)_secret_\w+")
_DETAILS = "payment_method_details"
_KEPT = frozenset({"brand", "last4", "exp_month", "exp_year"})


def found(*places: str | tuple[Any, ...]) -> Any:
    """Return a field that may be missing, and that lies in the first of these places."""
    paths = [AliasPath(*p) if isinstance(p, tuple) else p for p in places]
    return Field(None, validation_alias=AliasChoices(*paths))


def _listed(value: object) -> object:
    """Return a list: where there is one discount now several may be."""
    if value is None:
        return []
    return [value] if isinstance(value, dict) else value


Part = JSON | None
Parts = list[Any] | None
OneOrMore = Annotated[list[Any] | None, BeforeValidator(_listed)]


def without_secrets(value: JSON) -> JSON:
    """Return the JSON without client secrets, and of a payment's details only the card's face.

    https://docs.stripe.com/api/payment_intents/object#payment_intent_object-client_secret: it is
    not to be stored, logged or shown to anyone but the customer. Raises Unreadable.
    """
    try:
        return dict(_without(value))
    except RecursionError:
        raise Unreadable("the body is nested too deeply") from None


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        shown = ((k, v) for k, v in value.items() if k != "client_secret")
        return {k: _face(v) if k == _DETAILS else _without(v) for k, v in shown}
    if isinstance(value, str):  # addresses of pages may hold one too
        return _TOKEN.sub("", value) if SECRET in value else value
    return [_without(v) for v in value] if isinstance(value, list) else value


def _face(details: Any) -> Any:
    """Return the type of what was paid with; of the card only what is printed on it."""
    if not isinstance(details, dict):
        return details
    return {
        k: {name: v[name] for name in v if name in _KEPT} if isinstance(v, dict) else v
        for k, v in details.items()
    }


class Object(Resource):
    """An object of Stripe."""

    @property
    def raw(self) -> JSON:
        """Return the JSON that the object was read from, without what is secret."""
        return without_secrets(self._raw)

    @property
    def content(self) -> str:
        """Return the same as text. To look for secrets is quicker than to copy: few have any."""
        text = dump(self._raw)
        return dump(self.raw) if SECRET in text or _DETAILS in text else text


class Discounted(Shape):
    """What may have discounts.

    Once it had one `discount` (until 2025-03-31.basil), which named its `coupon` itself (until
    2025-09-30.clover).
    """

    discounts: OneOrMore = found("discounts", "discount")
    discount: Part = None

    @property
    def coupons(self) -> list[str] | None:
        """Return the ids of the coupons, as far as they are told."""
        told = [d for d in self.discounts or () if isinstance(d, dict)]
        told = told or ([self.discount] if self.discount else [])
        coupons = (_coupon(d) for d in told)
        return None if self.discounts is None else [c for c in coupons if isinstance(c, str)]


def _coupon(discount: JSON) -> object:
    source = discount.get("source")
    coupon = (source if isinstance(source, dict) else discount).get("coupon")
    return coupon.get("id") if isinstance(coupon, dict) else coupon
