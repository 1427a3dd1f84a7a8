"""Order does not matter: every permutation and repetition of a story ends in the same rows.

Each order is told of a copy of the story with ids of its own, many copies side by side, through the
inbox and the drain; then the same copies in the order in which it happened.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import permutations, zip_longest
from random import Random
from typing import Any

from integrations.interface import Delivery
from integrations.schema import dump
from simulator.life import MARK
from tallyman.mode import in_mode
from tallyman.testing import SCHEMA
from tallyman.testing.conformance.subject import CREATED, Said, Story, Subject
from tallyman.testing.pipeline import Tallyman
from worker import inbox
from worker.drain import drain
from worker.ledger import TABLE
from worker.retry import policy

MOST = 120  # orders: all of five events
DIGITS = 4
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of a story: its number stands behind the mark in each id."""

    number: str
    told: Sequence[Delivery]
    order: Sequence[int]


class Stories:
    """What stands in the tables in the end."""

    def test_every_mirrored_object_has_a_story(self, subject: Subject) -> None:
        """An object is known by its event: what that says of itself is not asked."""
        told = {_kind(subject, said) for s in subject.stories.values() for said in s.said}
        lives = subject.source.lives
        wanted = {k for k in subject.service.mirrors if k not in lives or not lives[k].listed}
        assert wanted <= told, f"no story tells of {', '.join(sorted(wanted - told))}"

    def test_a_story_ends_as_it_should_in_every_order_and_with_every_repetition(
        self, subject: Subject, story: Story, tallyman: Tallyman
    ) -> None:
        copies = list(copied(subject, story))
        naturally = told(tallyman, subject, [(c, range(len(c.told))) for c in copies])
        for copy in copies:
            assert wrong(story, naturally[copy.number]) == []
        shuffled = told(tallyman, subject, [(c, c.order) for c in copies])
        for copy in copies:
            assert shuffled[copy.number] == naturally[copy.number], f"told as {copy.order}"


def _kind(subject: Subject, said: Said) -> str:
    """Return which object an event of a story tells of."""
    body, headers = subject.source.wrap(said.type, said.object, CREATED, "evt", said.version)
    told = Delivery(subject.service.name, "", dump(body).encode(), headers, datetime.now(UTC))
    return subject.service.read(told).snapshot.object_type


def copied(subject: Subject, story: Story) -> Iterator[Copy]:
    """Yield a copy for each order, with a few repetitions in it."""
    dice = Random(len(story.said))
    orders = list(permutations(range(len(story.said))))
    for number, order in enumerate(dice.sample(orders, min(MOST, len(orders)))):
        again = list(order)
        for one in dice.sample(order, dice.randint(0, len(order))):
            again.insert(dice.randint(0, len(again)), one)
        digits = f"{number:0{DIGITS}}"
        yield Copy(digits, list(_deliveries(subject, story, MARK + digits)), again)


def _deliveries(subject: Subject, story: Story, mark: str) -> Iterator[Delivery]:
    for number, said in enumerate(story.said):
        id = f"evt_{number}_{MARK}"
        body, headers = subject.source.wrap(
            said.type, said.object, CREATED + said.at, id, said.version
        )
        kept = {name: value.replace(MARK, mark) for name, value in headers.items()}
        raw = dump(in_mode(subject.service, body)).replace(MARK, mark).encode()
        yield Delivery(subject.service.name, "", raw, kept, datetime.now(UTC))


def told(
    tallyman: Tallyman, subject: Subject, ways: Sequence[tuple[Copy, Sequence[int]]]
) -> Mapping[str, Rows]:
    """Tell each copy in its way, a delivery of each at a time; return the rows by copy."""
    tallyman.empty()
    for step in zip_longest(*([copy.told[n] for n in way] for copy, way in ways)):
        for delivery in filter(None, step):
            inbox.put(delivery)
        drain(subject.service, policy())
    settled = tallyman.sql(f"SELECT DISTINCT status, error FROM {TABLE}")  # noqa: S608  ours
    assert settled == [("handled", None)]
    return _read(tallyman, _tables(subject))


def _tables(subject: Subject) -> list[str]:
    own = {mirror.model.__tablename__ for mirror in subject.service.mirrors.values()}
    return sorted(own | {s.table for life in subject.source.lives.values() for s in life.sets})


def _read(tallyman: Tallyman, tables: Sequence[str]) -> Mapping[str, Rows]:
    """Return the rows of each copy, but for when they were written."""
    found: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for table in tables:
        whole = "(to_jsonb(kept) - '{first_seen_at,written_at}'::text[])::text"
        query = f"SELECT {whole} FROM {SCHEMA}.{table} AS kept ORDER BY 1"  # noqa: S608  ours
        for (text,) in tallyman.sql(query):
            number = text.partition(MARK)[2][:DIGITS]
            found[number][table].append(json.loads(text.replace(f"{MARK}{number}", MARK)))
    return {number: dict(rows) for number, rows in found.items()}


def wrong(story: Story, rows: Rows) -> list[str]:
    """Return which columns are not as the story says that they end."""
    return list(_wrong(story, rows))


def _wrong(story: Story, rows: Rows) -> Iterator[str]:
    for table, objects in story.ends.items():
        found = {row["id"]: row for row in rows.get(table, [])}
        yield from (f"{table} {id} should not be there" for id in found.keys() - objects.keys())
        for id, columns in objects.items():
            row = found.get(id, {})
            for column, value in columns.items():
                if column not in row or _plain(row[column]) != _plain(value):
                    yield f"{table} {id}.{column} is {row.get(column)!r}, not {value!r}"


def _plain(value: Any) -> Any:
    """Return a value as JSON has it; times in seconds."""
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value).timestamp()
        except ValueError:
            return value
    return value
