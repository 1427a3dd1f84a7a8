"""The course of an erasure, top to bottom: it can be asked for again at any time."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.base import SCHEMA, Base
from db.models.clerk import User
from db.models.stripe import Customer
from db.session import transaction
from worker import archive_lock
from worker.erase import archived, bodies, record, tables
from worker.erase.owned import ITSELF, Owned, owned
from worker.erase.people import Given, Person, find
from worker.erase.waiting import waiting


class WaitingError(Exception):
    """Deliveries that name the person wait to be applied: nothing was erased."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is to be erased, or was. `warnings` say what is to be done first, or again."""

    person: Person
    counts: Mapping[str, int]
    warnings: list[str] = field(default_factory=list)
    id: int | None = None

    @property
    def whole(self) -> bool:
        """Return whether nothing was left."""
        return not self.counts.get("in_work")


def preview(given: Given) -> Outcome:
    """Return what would be erased, and change nothing. Raises as `erase`, but WaitingError."""
    whose, warnings = _whose(given)
    warnings += [f"{n} deliveries wait for {s}" for s, n in waiting(whose.needles).items()]
    return Outcome(whose.person, _all(whose, dry=True), warnings)


def erase(given: Given, by: str) -> Outcome:
    """Erase what is kept of a person.

    Raises UnknownPersonError, WaitingError; Transient, Deferred, Permanent where the archive
    cannot be reached: what was done stays done, and asked for again it goes on.
    """
    whose, warnings = _whose(given)
    if there := waiting(whose.needles):
        told = ", ".join(f"{count} of {service}" for service, count in there.items())
        raise WaitingError(f"deliveries that name the person are not applied yet: {told}")
    with archive_lock.alone():
        id = record.begin(whose.person, by)
        counts = _all(whose, dry=False)
    outcome = Outcome(whose.person, counts, warnings, id)
    record.end(id, counts, whole=outcome.whole)
    return outcome


def _whose(given: Given) -> tuple[Owned, list[str]]:
    with transaction() as session:
        whose = owned(session, find(session, given))
        return whose, _warnings(session, whose)


def _all(whose: Owned, *, dry: bool) -> dict[str, int]:
    """Erase in an order in which an end anywhere leaves what is needed to begin again."""
    events, objects = list(bodies.named(whose)), archived.named(whose)
    causes = {*events, *(key for keys in objects.values() for key in keys)}
    counts = tables.erase(whose, causes, last=False, dry=dry)
    counts += Counter(dead_letters_of_others=bodies.dead_of_others(whose, causes))
    counts += archived.erase(objects, dry=dry)
    counts += bodies.erase(events, dry=dry)
    if not counts["in_work"]:
        counts += tables.erase(whose, causes, last=True, dry=dry)
    return {name: count for name, count in sorted(counts.items()) if count}


def _warnings(session: Session, whose: Owned) -> list[str]:
    """Return what is still there at the services, and who else has an address of the person's."""
    return [*_still_there(session, whose), *_others(session, whose)]


def _still_there(session: Session, whose: Owned) -> Iterator[str]:
    for service, name in ITSELF.items():
        table = Base.metadata.tables[f"{SCHEMA}.{name}"]
        live = table.c.id.in_(whose.rows[name]), table.c.deleted_at.is_(None)
        for id in session.scalars(select(table.c.id).where(*live).order_by(table.c.id)):
            yield f"{id} is not deleted at {service}, as far as is known: do that first"


def _others(session: Session, whose: Owned) -> Iterator[str]:
    for service, option, column in (
        ("clerk", "clerk-user", User.primary_email),
        ("stripe", "stripe-customer", Customer.email),
    ):
        c = column.table.c
        same = func.lower(column).in_(whose.person.addresses)
        mine = c.id.in_(whose.rows[ITSELF[service]])
        for id in session.scalars(select(c.id).where(same, ~mine).order_by(c.id)):
            yield f"{id} has the same address, and its row stays: --{option} {id} for that"
