"""The types an integration is made of. A service is a value: `STRIPE = Integration(...)`."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from integrations.schema import JSON, Resource, clean

LONGEST_ID = 640  # characters: as long as one that is alone in its index may be
WEBHOOK = "webhook"
"""The source of what `read` reads: its secrets are gone before."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One arrival of an event: what came in, as it came or `safe`. Header names in lower case.

    `trace` names the receiver's span (W3C traceparent), where it is traced.
    """

    service: str
    endpoint: str
    body: bytes
    headers: Mapping[str, str]
    received_at: datetime
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a provider says an object is.

    `clock` orders the versions of an object: the provider's time in milliseconds since 1970.
    `gone_at` is when the provider deleted the object, None while it stands. `columns` are those
    that the service adds to every row (for Stripe: account, livemode, api_version).
    """

    object_type: str
    object: JSON
    clock: int
    source: str
    gone_at: datetime | None = None
    event_id: str | None = None
    columns: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at a service, read from a delivery.

    `livemode` is None where the service has no modes. `attempt` counts from 1. `fresh` says
    whether this event's version of its object is the one that now stands in the table; of a
    deletion, whether it is the one that the row tells of; of what brings no version but tells
    something of the object, whether the row was told of nothing later.
    """

    service: str
    id: str
    type: str
    occurred_at: datetime
    snapshot: Snapshot
    payload: JSON
    account: str = ""
    livemode: bool | None = None
    attempt: int = 1
    fresh: bool = False

    @property
    def entity(self) -> str | None:
        """Return the service's id of the object that it is about, None where it has none."""
        id = self.snapshot.object.get("id")
        return id if isinstance(id, str) and 0 < len(id) <= LONGEST_ID else None


@dataclass(frozen=True, slots=True)
class Row:
    """What one object becomes in one table.

    `of` is the provider's object, or its id alone: a placeholder for what was seen only inside
    another object, of whose values only facts beside the content are kept. It is not `whole`
    where the provider cut a list in it short: it is fetched then.
    """

    model: type[Any]
    of: Resource | str
    values: Mapping[str, Any] = field(default_factory=dict)
    whole: bool = True

    @property
    def id(self) -> str:
        """Return the provider's id."""
        return self.of if isinstance(self.of, str) else self.of.id


@dataclass(frozen=True, slots=True)
class Members:
    """A set that belongs to one parent and is replaced as a whole when the parent's version wins.

    What a parent that is not `whole` lists replaces no whole list. The parent's model is
    `WithMembers`; `column` is the one of `model` that holds its id.
    """

    model: type[Any]
    column: str
    parent: str
    rows: Sequence[Row]


Projection = Iterator[Row | Members]


def row(model: type[Any], of: Resource, /, **values: Any) -> Row:
    """Return the row of a whole object."""
    return Row(model, of, values)


def placeholders(model: type[Any], ids: Iterable[str | None], /) -> Iterator[Row]:
    """Yield a placeholder for every id that is not None."""
    return (Row(model, id) for id in ids if id is not None)


@dataclass(frozen=True, slots=True)
class Mirror:
    """How a provider's object becomes rows, said once for webhooks, syncs and re-fetches.

    `remains` is what must be there of one that was deleted.
    """

    model: type[Any]
    schema: type[Resource]
    rows: Callable[[Any], Projection]
    remains: type[Resource] = Resource

    def project(self, snapshot: Snapshot) -> list[Row | Members]:
        """Return the rows of an object; of a deleted one, only the row that says so.

        What no webhook told loses its secrets here, and what Postgres cannot hold. Raises
        Unreadable, naming the field that does not fit.
        """
        told = snapshot.object
        if snapshot.gone_at is not None:
            return [Row(self.model, self.remains.read(told).id)]
        safe = told if snapshot.source == WEBHOOK else self.schema.without_secrets(clean(told))
        return list(self.rows(self.schema.read(safe)))


class Verify(Protocol):
    """Proves who sent a body."""

    def __call__(
        self, body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: float
    ) -> None:
        """Return if one of the secrets signed it. Raises InvalidSignature. `now`: Unix seconds."""


class Sign(Protocol):
    """Signs a body as the service would: for tests, `trigger` and the demo.

    Raises Unreadable for a body that the service could not sign: those of some are UTF-8 always.
    """

    def __call__(self, body: bytes, secret: str, now: float, event_id: str) -> dict[str, str]:
        """Return the request's headers. `now`: Unix seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """One service: who calls, what it says, what we keep of it."""

    name: str
    verify: Verify
    sign: Sign
    withhold: Callable[[bytes], bytes] = lambda body: body
    """Returns a body without what is secret, the very same object where nothing is. Raises nothing:
    what is no JSON stays as it is. `read` and all behind it see only what this returns."""
    read: Callable[[Delivery], Event]
    headers: Sequence[str]
    """The headers that `verify` and `read` look at, in lower case."""
    kept_headers: Sequence[str] = ()
    """Those that travel with the body; signatures never do."""
    mirrors: Mapping[str, Mirror] = field(default_factory=dict)
    """By the provider's object type."""

    livemode: Callable[[], bool | None] = lambda: None
    """The mode whose events count, None where both do or the service has no modes."""

    def safe(self, delivery: Delivery) -> Delivery:
        """Return the delivery without what is secret; the very same where nothing is."""
        body = self.withhold(delivery.body)
        return delivery if body is delivery.body else replace(delivery, body=body)

    def usable(self, secret: str, now: float) -> bool:
        """Return whether what is signed with the secret verifies; a mistyped one may not sign."""
        try:
            headers = self.sign(b"{}", secret, now, "probe")
            self.verify(b"{}", headers, [secret], now)
        except Exception:  # noqa: BLE001  whatever a library says about a secret, it is not usable
            return False
        return True
