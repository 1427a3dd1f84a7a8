"""A story: what a provider does to a few objects that mention each other, and tells of it."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from integrations.schema import JSON
from proof.convergence.compare import Content, Expected, same
from simulator.life import Life, Source

BEGINNING = 1_700_000_000  # Unix seconds
AGAIN, GONE = -1, -2
Kind = Literal["tied", "deleted", "settled"]


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to the object of a type: the number of a change, AGAIN or GONE.

    The first step of an object makes it. AGAIN is another event about what did not change.
    `later`: seconds since the step before. `version`: the API version that tells of it.
    """

    of: str
    act: int = AGAIN
    later: int = 0
    version: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One event. `object` is in its current shape, `shown` as it was told. Times in seconds."""

    id: str
    type: str
    of: str
    at: int
    changed: int
    object: JSON
    shown: JSON
    version: str
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """What was told, in the order in which it happened, and what must stand in the end."""

    about: str
    steps: tuple[Step, ...]
    told: tuple[Told, ...]
    expected: tuple[Expected, ...]

    def __str__(self) -> str:
        """Return the events, one after the other."""
        return "; ".join(f"{n}: {self._line(n, told)}" for n, told in enumerate(self.told))

    @property
    def standing(self) -> Sequence[Expected]:
        """Return the objects that a listing would show at last."""
        return [e for e in self.expected if e.versions and e.deleted_at is None]

    @property
    def kind(self) -> Kind:
        """Return how the object that it is about ends."""
        mine = next(e for e in self.expected if e.id == self.told[0].object["id"])
        if mine.deleted_at is not None:
            return "deleted"
        return "tied" if len(mine.versions) > 1 else "settled"

    @property
    def alone(self) -> bool:
        """Return whether nothing is told of other objects: what is mentioned has no content."""
        return {told.of for told in self.told} == {self.about}

    def _line(self, number: int, told: Told) -> str:
        earlier = [t.object for t in self.told[:number] if t.of == told.of]
        before = earlier[-1] if earlier else told.object
        changed = ", ".join(name for name in told.object if told.object[name] != before.get(name))
        version = f" as of {told.version}" if told.version else ""
        return f"{told.type} at {told.at - BEGINNING} s{version}{changed and f' ({changed})'}"


def story(source: Source, tables: Mapping[str, str], about: str, steps: Sequence[Step]) -> Story:
    """Return the story of the steps; `tables` are those of the object types."""
    told = tuple(_happen(source, steps))
    return Story(about, tuple(steps), told, tuple(_expected(source, tables, told)))


def _happen(source: Source, steps: Sequence[Step]) -> Iterator[Told]:
    """Yield the event of each step; of what is gone nothing more is told."""
    last: dict[str, Told] = {}
    at = BEGINNING
    for number, step in enumerate(steps):
        at += step.later
        before = last.get(step.of)
        if before and before.gone:
            continue
        after = _after(source.lives[step.of], before, step, at)
        shown = source.lives[step.of].remains(after.object) if after.gone else after.object
        last[step.of] = replace(
            after,
            id=f"evt_{number}_Example",
            at=at,
            version=step.version,
            shown=source.shown(step.of, shown, "" if after.gone else step.version),
        )
        yield last[step.of]


def _after(life: Life, before: Told | None, step: Step, at: int) -> Told:
    if before is None:
        made = life.made(at)
        return Told("", life.created, step.of, at, at, made, made, "")
    if step.act == GONE and life.deleted:
        return replace(before, type=life.deleted, gone=True)
    if step.act < 0:
        return replace(before, type=life.updated)
    change = life.changes[step.act % len(life.changes)]
    changed = change.to(before.object)
    stamped = life.stamped(changed, at) if life.stamped else changed
    return replace(before, type=change.type or life.updated, object=stamped, changed=at)


def _expected(
    source: Source, tables: Mapping[str, str], told: Sequence[Told]
) -> Iterator[Expected]:
    """Yield what must stand of each object that was told of or mentioned."""
    by_type: dict[str, list[Told]] = {}
    for event in told:
        by_type.setdefault(event.of, []).append(event)
    own = {(of, str(events[0].object["id"])) for of, events in by_type.items()}
    for of, events in by_type.items():
        yield _of_object(source.lives[of], tables[of], events)
    for of, id in sorted(set(_mentioned(source, told)) - own):
        yield Expected(tables[of], id)


def _mentioned(source: Source, told: Iterable[Told]) -> Iterator[tuple[str, str]]:
    for event in told:
        if not event.gone:
            yield from source.lives[event.of].names(event.object)


def _of_object(life: Life, table: str, events: Sequence[Told]) -> Expected:
    contents = [e for e in events if not e.gone and life.content(e.shown) is not None]
    clocks = [event.changed if life.stamped else event.at for event in contents]
    newest = [event for event, at in zip(contents, clocks, strict=True) if at == max(clocks)]
    return Expected(
        table=table,
        id=events[0].object["id"],
        versions=_distinct(_content(life, event.shown) for event in newest),
        clock=max(clocks, default=0) * 1000,
        truth=_content(life, contents[-1].object) if contents else None,
        deleted_at=next((event.at for event in events if event.gone), None),
    )


def _content(life: Life, shown: JSON) -> Content:
    members = {s.table: {m["id"]: plain(m) for m in s.members(shown)} for s in life.sets}
    told = life.content(shown) or {}
    kept = {name: value for name, value in told.items() if name not in life.secret}
    return Content(plain(kept), members)


def _distinct(contents: Iterable[Content]) -> list[Content]:
    kept: list[Content] = []
    for content in contents:
        if not any(same(content.data, other.data) for other in kept):
            kept.append(content)
    return kept


def plain(value: JSON) -> JSON:
    """Return the value as JSON brings it back."""
    read: JSON = json.loads(json.dumps(value))
    return read
