"""What is told of a row: no value of it, for they may be personal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Column:
    """One column, and what set its present value: `event_id`, or else what `by` says.

    `since` is the version's own time.
    """

    name: str
    event_id: str | None
    since: datetime | None
    by: str


@dataclass(frozen=True, slots=True)
class Step:
    """One event of the row's object. `clock` is the time of its version, None where it is unread.

    `outcome` says what it is to the row: stands, overwritten, skipped, older, deleted, facts,
    unread, waiting, dead, ignored or discarded; `words` say more.
    """

    event_id: str
    type: str | None
    status: str
    occurred_at: datetime | None
    received_at: datetime
    clock: datetime | None
    outcome: str
    words: str


@dataclass(frozen=True, slots=True)
class Why:
    """Why a row is as it is.

    `parent` is the (table, id) whose events are shown, where the row is a member of a set. `more`
    says that there are older events than those shown.
    """

    table: str
    id: str
    account: str
    row: Mapping[str, Any]
    written_by: str
    notes: Sequence[str]
    columns: Sequence[Column]
    events: Sequence[Step]
    drift: Sequence[Mapping[str, Any]]
    effects: Sequence[Mapping[str, Any]]
    parent: tuple[str, str] | None = None
    more: bool = False
