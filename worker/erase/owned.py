"""Which rows are the person's: those that are them, and those that belong to these."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import ColumnElement, Table, func, or_, select
from sqlalchemy.orm import Session

from db.reading import mirrors
from worker.erase.needles import Needles
from worker.erase.people import Person

ITSELF = {"clerk": "clerk_users", "stripe": "stripe_customers", "loops": "loops_contacts"}
"""The table of each service whose rows are people."""
_LINKS = frozenset({*ITSELF.values(), "stripe_checkout_sessions"})
_BELONGS = ("customer", "user_id", "contact_id", "client_reference_id", "subscription")
_PAID = ("charge", "payment_intent", "invoice")
_BY_ADDRESS = ("email_address", "customer_email")
_ROUNDS = 6


@dataclass(frozen=True)
class Owned:
    """A person, and the ids of their rows by table."""

    person: Person
    rows: Mapping[str, frozenset[str]]

    @cached_property
    def needles(self) -> Needles:
        """Return what text that is about the person is found by."""
        ids = {id for ids in self.rows.values() for id in ids}
        own = {id for ids in self.person.ids.values() for id in ids}
        return Needles(frozenset(ids | own), frozenset(self.person.addresses))

    def itself(self, table: Table) -> bool:
        """Return whether the person's row in a table is the person, and none of their things."""
        return table.name in ITSELF.values()

    def links(self, table: Table) -> bool:
        """Return whether a table says who belongs to whom: who begins again reads it."""
        return table.name in _LINKS


def owned(session: Session, person: Person) -> Owned:
    """Return the person's rows: theirs, what names these, what names that, and so on."""
    found = {table.name: set[str]() for table in mirrors()}
    for service, ids in person.ids.items():
        found[ITSELF[service]] |= ids
    for _ in range(_ROUNDS):
        before = sum(map(len, found.values()))
        for table in mirrors():
            found[table.name] |= set(_more(session, table, found, person))
        if before == sum(map(len, found.values())):
            break
    return Owned(person, {name: frozenset(ids) for name, ids in found.items()})


def _more(
    session: Session, table: Table, found: Mapping[str, set[str]], person: Person
) -> Iterator[str]:
    if table.name in ITSELF.values():
        return
    service = table.name.partition("_")[0]
    known = {id for name, ids in found.items() if name.startswith(service) for id in ids}
    ids = sorted(known | person.users)
    named: list[ColumnElement[bool]] = [
        table.c[n].in_(ids) for n in (*_BELONGS, *_PAID) if n in table.columns
    ]
    named += [_by_address(table, n, person) for n in _BY_ADDRESS if n in table.columns]
    if named:
        yield from session.scalars(select(table.c.id).where(or_(*named)))


def _by_address(table: Table, name: str, person: Person) -> ColumnElement[bool]:
    """Return the condition that an address of the person's says whose row it is.

    Where a customer does, it is theirs, whatever address they gave.
    """
    same = func.lower(table.c[name]).in_(person.addresses)
    return same & table.c.customer.is_(None) if "customer" in table.columns else same
