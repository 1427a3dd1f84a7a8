"""Who is meant: one person's ids at all services, by the one rule of who belongs to whom."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from db.models.clerk import User
from db.models.erasures import Erasure
from db.models.events import EventRecord
from db.models.loops import Contact
from db.models.stripe import Customer
from db.models.stripe_payments import CheckoutSession
from integrations import identity
from integrations.errors import Deferred
from settings import settings
from worker.erase.needles import ERASED, addresses_in, sound

Kind = Literal["clerk-user", "stripe-customer", "email"]
_BODIES = 1000  # of one object's events are looked into for addresses, the newest
_ROUNDS = 5


class UnknownPersonError(LookupError):
    """Nothing here is known of whom was meant."""


@dataclass(frozen=True, slots=True)
class Given:
    """By what the person was named."""

    kind: Kind
    value: str


@dataclass(slots=True)
class Person:
    """One person: their objects at the services, and their addresses. Customers by account."""

    given: Given
    users: set[str] = field(default_factory=set)
    customers: set[tuple[str, str]] = field(default_factory=set)
    contacts: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)

    @property
    def ids(self) -> dict[str, set[str]]:
        """Return the ids of the objects that are the person, by service."""
        bare = {id for _, id in self.customers}
        return {"clerk": self.users, "stripe": bare, "loops": self.contacts}

    def hashes(self) -> list[str]:
        """Return what is kept of the ids for ever."""
        return sorted(hashed(service, id) for service, ids in self.ids.items() for id in ids)


def hashed(service: str, id: str) -> str:
    """Return the SHA-256 by which an erased object is known again."""
    return sha256(f"{service}:{id}".encode()).hexdigest()


def find(session: Session, given: Given) -> Person:
    """Return who is meant. Raises UnknownPersonError."""
    person = Person(given)
    _begin(session, person)
    for _ in range(_ROUNDS):
        before = (len(person.users), len(person.customers))
        person.users |= _users_of(session, person.customers)
        person.customers |= set(_customers_of(session, person))
        _before(session, person)
        _addresses(session, person)
        if before == (len(person.users), len(person.customers)):
            break
    person.contacts |= _contacts(session, person)
    _addresses(session, person)
    if not any(person.ids.values()) and not person.addresses:
        raise UnknownPersonError(f"no {given.kind} {given.value} is known here")
    return person


def _begin(session: Session, person: Person) -> None:
    kind, value = person.given.kind, person.given.value
    if kind == "clerk-user":
        person.users = {value}
    elif kind == "stripe-customer":
        of = select(Customer.account, Customer.id).where(Customer.id == value)
        person.customers = {(account, id) for account, id in session.execute(of)} or {("", value)}
    else:
        person.addresses = set(sound([value]))
        _of_address(session, person, value.strip().lower())


def _of_address(session: Session, person: Person, email: str) -> None:
    listed = [{"email_address": email}]
    users = or_(
        func.lower(User.primary_email) == email, User.data["email_addresses"].contains(listed)
    )
    person.users = set(session.scalars(select(User.id).where(users)))
    of = select(Customer.account, Customer.id).where(func.lower(Customer.email) == email)
    person.customers = {(account, id) for account, id in session.execute(of)}


def _users_of(session: Session, customers: Iterable[tuple[str, str]]) -> set[str]:
    return {user for account, id in customers if (user := _person(session, account, id))}


def _person(session: Session, account: str, customer: str) -> str | None:
    try:
        return identity.person(session, customer, account)
    except Deferred:
        return None


def _customers_of(session: Session, person: Person) -> Iterator[tuple[str, str]]:
    """Yield the customers that the rule says are one of the users."""
    ways = [Customer.metadata_[identity.USER_ID].astext.in_(person.users), _bought(person)]
    if settings().effects.identify_by_email:
        ways.append(func.lower(Customer.email).in_(person.addresses))
    asked = session.execute(select(Customer.account, Customer.id).where(or_(*ways))).all()
    for account, id in asked:
        if _person(session, account, id) in person.users:
            yield account, id


def _bought(person: Person) -> ColumnElement[bool]:
    c = CheckoutSession
    same = and_(c.account == Customer.account, c.customer == Customer.id)
    return select(c.id).where(same, c.client_reference_id.in_(person.users)).exists()


def _before(session: Session, person: Person) -> None:
    """Add what was linked when the person was erased before: the rows say no more who they are."""
    earlier = select(Erasure.ids).where(Erasure.ids.overlap(person.hashes()))
    known = {one for ids in session.scalars(earlier) for one in ids}
    if not known:
        return
    gone = select(Customer.account, Customer.id).where(Customer.source == ERASED)
    person.customers |= {
        (a, id) for a, id in session.execute(gone) if hashed("stripe", id) in known
    }
    for model, service, ids in ((User, "clerk", person.users), (Contact, "loops", person.contacts)):
        erased = session.scalars(select(model.id).where(model.source == ERASED))
        ids |= {id for id in erased if hashed(service, id) in known}


def _contacts(session: Session, person: Person) -> set[str]:
    email = func.lower(Contact.email).in_(person.addresses)
    return set(
        session.scalars(select(Contact.id).where(or_(email, Contact.user_id.in_(person.users))))
    )


def _addresses(session: Session, person: Person) -> None:
    """Add the addresses in the person's rows, and in the bodies that are kept of their events."""
    for value in (*_rows(session, person), *_bodies(session, person)):
        person.addresses |= set(addresses_in(value))


def _rows(session: Session, person: Person) -> Iterator[Any]:
    u, c, k = User, Customer, Contact
    bare = [id for _, id in person.customers]
    for query in (
        select(u.data, u.primary_email.label("email"), u.primary_phone.label("phone")).where(
            u.id.in_(person.users)
        ),
        select(c.data, c.email, c.phone).where(c.id.in_(bare)),
        select(k.data, k.email).where(k.id.in_(person.contacts)),
    ):
        yield from (dict(row) for row in session.execute(query).mappings())


def _bodies(session: Session, person: Person) -> Iterator[Any]:
    e = EventRecord
    for service, ids in person.ids.items():
        query = select(e.body).where(e.service == service, e.entity.in_(ids), e.body.is_not(None))
        newest = query.order_by(e.received_at.desc()).limit(_BODIES)
        for body in session.scalars(newest) if ids else ():
            try:
                yield json.loads(bytes(body or b""))
            except (ValueError, RecursionError):
                continue
