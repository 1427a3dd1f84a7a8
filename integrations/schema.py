"""From a provider's JSON to typed fields: parsing that refuses, and types that fit Postgres."""

import json
import math
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    StringConstraints,
    ValidationError,
    model_validator,
)

from integrations.errors import Unreadable

JSON = dict[str, Any]

# Postgres indexes refuse keys beyond 2,704 bytes; no provider's id is longer than this.
Id = Annotated[str, StringConstraints(min_length=1, max_length=255)]
# Two of them in an index, or one and an id, are not too long either.
Word = Annotated[str, StringConstraints(max_length=255)]
# One that is alone in its index may be longer.
Line = Annotated[str, StringConstraints(max_length=640)]
BigInt = Annotated[int, Field(ge=-(2**63), lt=2**63)]
# Postgres holds more, but as many digits as these can be declared there.
BigDecimal = Annotated[Decimal, Field(max_digits=1000)]

LATEST = 253_402_300_799_999
"""The end of the year 9999 in milliseconds: no later time is one in Python."""


def _time(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        raise ValueError("is no time between the years 1 and 9999") from None


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > LATEST:
        raise ValueError("is no number of seconds or milliseconds")
    return value


def _seconds(value: object) -> datetime:
    return _time(_number(value))


def _instant(value: object) -> int:
    """Return a time as milliseconds since 1970.

    Clerk's documentation shows milliseconds, its OpenAPI examples seconds (webhooks/overview.mdx;
    openapi-specs webhooks/2025-04-15.yml), so what is below 10**11 counts as seconds.
    """
    number = _number(value)
    _time(number if abs(number) < 10**11 else number / 1000)
    return int(number * 1000 if abs(number) < 10**11 else number)


def _milliseconds(value: object) -> datetime:
    return _time(_instant(value) / 1000)


def _seconds_or_iso(value: object) -> object:
    return value if isinstance(value, str) else _seconds(value)


def _text_of(value: object) -> object:
    return str(value) if type(value) is int else value


def _in_utc(value: datetime) -> datetime:
    return _time(value.timestamp())


def _id_of(value: object) -> object:
    return value.get("id") if isinstance(value, dict) else value


NumberedId = Annotated[Id, BeforeValidator(_text_of)]
"""The id of a provider that counts its objects: a number there, text here."""
Seconds = Annotated[datetime, BeforeValidator(_seconds)]
SecondsOrISO = Annotated[AwareDatetime, BeforeValidator(_seconds_or_iso), AfterValidator(_in_utc)]
Milliseconds = Annotated[datetime, BeforeValidator(_milliseconds)]
Instant = Annotated[int, BeforeValidator(_instant)]
"""Milliseconds since 1970, from either."""
Ref = Annotated[Id, BeforeValidator(_id_of)]
"""An id that may come as the whole object."""


class Shape(BaseModel):
    """A part of a provider's object: only the fields that we read."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    @classmethod
    def read(cls, value: JSON) -> Self:
        """Return the typed object. Raises Unreadable, which names the field but not its value."""
        try:
            return cls.model_validate(value)
        except ValidationError as error:
            name = cls.model_config.get("title") or cls.__name__
            raise Unreadable(_explain(name, error)) from None


class Resource(Shape):
    """An object of a provider with an id of its own, with the JSON that it was read from."""

    id: Id
    _raw: JSON = PrivateAttr(default_factory=dict)

    @staticmethod
    def withhold(body: bytes) -> bytes:
        """Return an object's JSON without what is secret; the very same where nothing is."""
        return body

    @classmethod
    def without_secrets(cls, value: JSON) -> JSON:
        """Return an object without what is secret; the very same where nothing is."""
        text = dump(value).encode()
        safe = cls.withhold(text)
        return value if safe is text else parse(safe)

    @property
    def raw(self) -> JSON:
        """Return the JSON that the object was read from."""
        return self._raw

    @property
    def content(self) -> str:
        """Return that as canonical text."""
        return dump(self._raw)

    @model_validator(mode="wrap")
    @classmethod
    def _keep(cls, value: Any, build: ModelWrapValidatorHandler[Self]) -> Self:
        made = build(value)
        made._raw = value  # noqa: SLF001  our own
        return made


def _explain(what: str, error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return f"{what}.{'.'.join(map(str, first['loc']))}: {first['msg']}"


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def clean(value: Any) -> Any:
    """Replace what Postgres cannot store in text and jsonb: NUL and lone surrogates."""
    if isinstance(value, str):
        sound = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return sound.replace("\0", "\ufffd")
    if isinstance(value, dict):
        return {clean(k): clean(v) for k, v in value.items()}
    if isinstance(value, list):
        return [clean(v) for v in value]
    return value


def parse(body: bytes) -> JSON:
    """Return a body's JSON object, fit for Postgres. Raises Unreadable with the reason."""
    try:
        value = json.loads(body.decode(), parse_float=_finite, parse_constant=_refuse)
        # only an escape can bring a NUL or a lone surrogate past the decoder
        value = clean(value) if b"\\u" in body else value
    except UnicodeDecodeError:
        raise Unreadable("the body is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise Unreadable(f"the body is not JSON: {error.msg} at {error.pos}") from None
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"the body is not usable JSON: {error}") from None
    if not isinstance(value, dict):
        raise Unreadable("the body is not a JSON object")
    return value


dump: Callable[[Any], str] = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
).encode
"""Canonical JSON: equal values give equal text."""
