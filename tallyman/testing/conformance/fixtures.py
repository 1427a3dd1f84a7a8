"""Every object that is mirrored has a fixture, in each shape that it has had, and projects."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from integrations.interface import Delivery, Event, Members, Row, Snapshot
from integrations.schema import JSON, dump
from simulator.life import MARK
from tallyman.testing.conformance.signatures import SECRET
from tallyman.testing.conformance.subject import CREATED, Subject

EVENT_ID = "evt_1"


@dataclass(frozen=True, slots=True)
class Fixture:
    """An object as an API version tells it, and the type of the event that does, if one does."""

    kind: str
    type: str
    version: str
    object: JSON
    gone: bool = False

    def __str__(self) -> str:
        named = self.type or f"{self.kind} {'gone' if self.gone else 'listed'}"
        return f"{named} {self.version}".strip()


def fixtures_of(subject: Subject) -> Iterator[Fixture]:
    """Yield what the lives of the service's objects are made of."""
    for kind, life in subject.source.lives.items():
        made = life.made(CREATED)
        for type in dict.fromkeys([life.created, life.updated]):
            yield Fixture(kind, type, "", made)
        for version in life.shapes:
            yield Fixture(kind, life.updated, version, subject.source.shown(kind, made, version))
        if life.deleted or life.listed:
            yield Fixture(kind, life.deleted or "", "", life.remains(made), gone=True)


def delivery(subject: Subject, body: bytes) -> Delivery:
    """Return the delivery of a body, with the headers that are kept."""
    signed = subject.service.sign(body, SECRET, CREATED, EVENT_ID)
    kept = {name: signed[name] for name in subject.service.kept_headers if name in signed}
    return Delivery(subject.service.name, "", body, kept, datetime.now(UTC))


def event_of(subject: Subject, fixture: Fixture) -> Event:
    """Return what the service reads in the fixture's event."""
    return subject.service.read(subject.service.safe(told_of(subject, fixture)))


def told_of(subject: Subject, fixture: Fixture) -> Delivery:
    """Return the delivery of the fixture's event, as it comes."""
    body, _ = subject.source.wrap(fixture.type, fixture.object, CREATED, EVENT_ID, fixture.version)
    return delivery(subject, dump(body).encode())


def snapshot_of(subject: Subject, fixture: Fixture) -> Snapshot:
    """Return what the fixture says that its object is: in its event, or else in a list."""
    if fixture.type:
        return event_of(subject, fixture).snapshot
    gone_at = datetime.fromtimestamp(CREATED, UTC) if fixture.gone else None
    return Snapshot(fixture.kind, fixture.object, CREATED * 1000, "list", gone_at)


def projected(subject: Subject, fixture: Fixture) -> Sequence[Row | Members]:
    """Return what the fixture's object becomes."""
    mirror = subject.service.mirrors[fixture.kind]
    return list(mirror.project(snapshot_of(subject, fixture)))


def rows_of(parts: Sequence[Row | Members]) -> Iterator[Row]:
    """Yield the rows, those of sets too."""
    for part in parts:
        yield from [part] if isinstance(part, Row) else part.rows


class Fixtures:
    """What is read in the fixtures, and what it becomes."""

    def test_every_mirrored_object_has_a_fixture(self, subject: Subject) -> None:
        missing = subject.service.mirrors.keys() - subject.source.lives.keys()
        assert not missing, f"simulator: there is no life of {', '.join(sorted(missing))}"
        for kind in subject.service.mirrors:
            id = subject.source.lives[kind].made(CREATED).get("id")
            assert MARK in str(id), f"simulator: the id of {kind} holds no {MARK}: {id}"

    def test_an_event_carries_its_object_and_its_time(
        self, subject: Subject, fixture: Fixture
    ) -> None:
        event = event_of(subject, fixture)
        secret = subject.source.lives[fixture.kind].secret
        told = {k: v for k, v in fixture.object.items() if k not in secret}
        assert (event.service, event.id, event.type) == (str(subject), EVENT_ID, fixture.type)
        assert event.occurred_at == datetime.fromtimestamp(CREATED, UTC)
        assert event.snapshot.object_type == fixture.kind
        if fixture.kind in subject.service.mirrors:
            assert {k: v for k, v in event.snapshot.object.items() if k not in secret} == told
        assert event.snapshot.event_id == event.id
        assert event.snapshot.clock == CREATED * 1000
        assert (event.snapshot.gone_at is not None) == fixture.gone

    def test_a_row_names_only_columns_of_its_table(
        self, subject: Subject, mirrored: Fixture
    ) -> None:
        parts = projected(subject, mirrored)
        stamped = snapshot_of(subject, mirrored).columns
        for row in rows_of(parts):
            assert {*row.values, *stamped} <= set(row.model.__table__.columns.keys())
        for members in (part for part in parts if isinstance(part, Members)):
            assert members.column in members.model.__table__.columns

    def test_the_first_row_is_the_object(self, subject: Subject, mirrored: Fixture) -> None:
        first = projected(subject, mirrored)[0]
        assert isinstance(first, Row)
        assert first.model is subject.service.mirrors[mirrored.kind].model
        assert first.id == mirrored.object.get("id", first.id)

    def test_a_deleted_object_becomes_nothing_but_its_id(
        self, subject: Subject, mirrored: Fixture
    ) -> None:
        if mirrored.gone:
            (row,) = rows_of(projected(subject, mirrored))
            assert (row.of, dict(row.values)) == (mirrored.object["id"], {})

    def test_no_secret_is_kept_whether_it_was_told_or_fetched(
        self, subject: Subject, mirrored: Fixture
    ) -> None:
        secret = set(subject.source.lives[mirrored.kind].secret)
        told = snapshot_of(subject, mirrored)
        fetched = subject.service.mirrors[mirrored.kind].project(replace(told, source="fetch"))
        for row in rows_of([*projected(subject, mirrored), *fetched]):
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
