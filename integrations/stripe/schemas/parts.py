"""What Stripe's objects are made of.

A field of a schema that is named like a column of the table is what stands there. Where it lies
elsewhere in the object, or lay in older API versions, `found` says so.
"""

from typing import Annotated, Any

from pydantic import AliasChoices, AliasPath, BeforeValidator, Field

from integrations.schema import JSON, Resource, Shape
from integrations.stripe import withheld


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


class Object(Resource):
    """An object of Stripe."""

    @staticmethod
    def withhold(body: bytes) -> bytes:
        """Return an object's JSON without client secrets."""
        return withheld.withhold(body)


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
