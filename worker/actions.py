"""The audit log: what people did in the console."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Row, insert, select

from db.models.console import ConsoleAction
from db.session import transaction

A = ConsoleAction


@dataclass(frozen=True, slots=True)
class Action:
    """What was done, by whom; `count` is to how many, where that is known."""

    by: str
    address: str
    action: str
    service: str
    target: str
    count: int | None
    page: str


def add(action: Action) -> None:
    """Keep an action. Raises SQLAlchemyError where that fails."""
    values = {name: _sound(value) for name, value in asdict(action).items()}
    with transaction() as session:
        session.execute(insert(A).values(values))


def _sound(value: Any) -> Any:
    """Return a value that Postgres keeps: it refuses NUL."""
    return value.replace("\0", "?") if isinstance(value, str) else value


def latest(limit: int, before: int | None = None) -> Sequence[Row[Any]]:
    """Return the latest actions, newest first, of those older than the one with that id."""
    query = select(*A.__table__.columns).order_by(A.id.desc()).limit(limit)
    if before is not None:
        query = query.where(A.id < before)
    with transaction() as session:
        return session.execute(query).all()
