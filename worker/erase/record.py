"""The record of what was erased: when, by whom, how much, and hashes of ids."""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, insert, select, update

from db.models.erasures import Erasure
from db.session import transaction
from worker.erase.people import Person

_LISTED = 20
X = Erasure


def begin(person: Person, by: str) -> int:
    """Enter that it begins; return its number."""
    values = {"given": person.given.kind, "by": by, "ids": person.hashes()}
    with transaction() as session:
        return int(session.execute(insert(X).values(values).returning(X.id)).scalar_one())


def end(id: int, counts: Mapping[str, int], *, whole: bool) -> None:
    """Enter how much was erased and, if nothing was left, that it is finished.

    So are earlier ones then that were cut short, where this one found all that they had.
    """
    now = func.now()
    ids = select(X.ids).where(X.id == id).scalar_subquery()
    earlier = [X.id < id, X.finished_at.is_(None), X.ids.op("&&")(ids), X.ids.op("<@")(ids)]
    with transaction() as session:
        session.execute(update(X).where(X.id == id).values(counts=dict(counts)))
        if whole:
            session.execute(update(X).where(X.id == id).values(finished_at=now))
            session.execute(update(X).where(*earlier).values(finished_at=now))


def unfinished() -> Sequence[tuple[int, str]]:
    """Return the (number, given) of the newest that were begun and not finished."""
    query = select(X.id, X.given).where(X.finished_at.is_(None)).order_by(X.id.desc())
    with transaction() as session:
        return [(id, given) for id, given in session.execute(query.limit(_LISTED))]
