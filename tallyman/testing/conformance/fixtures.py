"""Every object that is mirrored has a fixture, in each shape that it has had, and projects."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from integrations.interface import Delivery, Event, Members, Row
from integrations.schema import JSON, dump
from simulator.life import MARK
from tallyman.testing.conformance.subject import CREATED, Subject

EVENT_ID = "evt_1"


@dataclass(frozen=True, slots=True)
class Fixture:
    """An object as an API version tells it, and the type of the event that does."""

    kind: str
    type: str
    version: str
    object: JSON
    gone: bool = False

    def __str__(self) -> str:
        return f"{self.type} {self.version}".strip()


def fixtures_of(subject: Subject) -> Iterator[Fixture]:
    """Yield what the lives of the service's objects are made of."""
    for kind, life in subject.source.lives.items():
        made = life.made(CREATED)
        for type in dict.fromkeys([life.created, life.updated]):
            yield Fixture(kind, type, "", made)
        for version in life.shapes:
            yield Fixture(kind, life.updated, version, subject.source.shown(kind, made, version))
        if life.deleted:
            yield Fixture(kind, life.deleted, "", life.remains(made), gone=True)


def delivery(subject: Subject, body: bytes) -> Delivery:
    """Return the delivery of a body, with the headers that are kept."""
    signed = subject.service.sign(body, "whsec_AAAA", CREATED, EVENT_ID)
    kept = {name: signed[name] for name in subject.service.kept_headers if name in signed}
    return Delivery(subject.service.name, "", body, kept, datetime.now(UTC))


def event_of(subject: Subject, fixture: Fixture) -> Event:
    """Return what the service reads in the fixture's event."""
    return subject.service.read(subject.service.safe(told_of(subject, fixture)))


def told_of(subject: Subject, fixture: Fixture) -> Delivery:
    """Return the delivery of the fixture's event, as it comes."""
    body, _ = subject.source.wrap(fixture.type, fixture.object, CREATED, EVENT_ID, fixture.version)
    return delivery(subject, dump(body).encode())


def projected(subject: Subject, fixture: Fixture) -> Sequence[Row | Members]:
    """Return what the fixture's object becomes."""
    mirror = subject.service.mirrors[fixture.kind]
    return list(mirror.project(event_of(subject, fixture).snapshot))


def rows_of(parts: Sequence[Row | Members]) -> Iterator[Row]:
    """Yield the rows, those of sets too."""
    for part in parts:
        yield from [part] if isinstance(part, Row) else part.rows


class Fixtures:
    """What is read in the fixtures, and what it becomes."""

    def test_every_mirrored_object_has_a_fixture(self, subject: Subject) -> None:
        assert set(subject.source.lives) >= set(subject.service.mirrors)
        for kind in subject.service.mirrors:
            assert MARK in dump(subject.source.lives[kind].made(CREATED))

    def test_an_event_carries_its_object_and_its_time(
        self, subject: Subject, fixture: Fixture
    ) -> None:
        event = event_of(subject, fixture)
        secret = subject.source.lives[fixture.kind].secret
        told = {k: v for k, v in fixture.object.items() if k not in secret}
        assert (event.service, event.id, event.type) == (str(subject), EVENT_ID, fixture.type)
        assert event.occurred_at == datetime.fromtimestamp(CREATED, UTC)
        assert event.snapshot.object_type == fixture.kind
        assert {k: v for k, v in event.snapshot.object.items() if k not in secret} == told
        assert event.snapshot.event_id == event.id
        assert event.snapshot.clock == CREATED * 1000
        assert (event.snapshot.gone_at is not None) == fixture.gone

    def test_a_row_names_only_columns_of_its_table(
        self, subject: Subject, fixture: Fixture
    ) -> None:
        parts = projected(subject, fixture)
        stamped = event_of(subject, fixture).snapshot.columns
        for row in rows_of(parts):
            assert {*row.values, *stamped} <= set(row.model.__table__.columns.keys())
        for members in (part for part in parts if isinstance(part, Members)):
            assert members.column in members.model.__table__.columns

    def test_the_first_row_is_the_object(self, subject: Subject, fixture: Fixture) -> None:
        first = projected(subject, fixture)[0]
        assert isinstance(first, Row)
        assert first.model is subject.service.mirrors[fixture.kind].model
        assert first.id == fixture.object.get("id", first.id)

    def test_a_deleted_object_becomes_nothing_but_its_id(
        self, subject: Subject, fixture: Fixture
    ) -> None:
        if fixture.gone:
            (row,) = rows_of(projected(subject, fixture))
            assert (row.of, dict(row.values)) == (fixture.object["id"], {})

    def test_no_secret_is_kept_whether_it_was_told_or_fetched(
        self, subject: Subject, fixture: Fixture
    ) -> None:
        secret = set(subject.source.lives[fixture.kind].secret)
        told = subject.service.read(told_of(subject, fixture)).snapshot
        fetched = subject.service.mirrors[fixture.kind].project(replace(told, source="fetch"))
        for row in rows_of([*projected(subject, fixture), *fetched]):
            assert isinstance(row.of, str) or not secret & row.of.raw.keys()
            assert not secret & row.values.keys()

    def test_a_body_stays_as_it_is_where_nothing_in_it_is_secret(
        self, subject: Subject, fixture: Fixture
    ) -> None:
        came = told_of(subject, fixture)
        safe = subject.service.safe(came)
        secret = set(subject.source.lives[fixture.kind].secret)
        assert (safe is came) == secret.isdisjoint(fixture.object)
        assert subject.service.safe(safe) is safe
