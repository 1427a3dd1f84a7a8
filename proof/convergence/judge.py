"""Hold what came of each copy against the natural order, and against the provider's own story."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from proof.convergence.compare import Key, Rows, differences, strays, wrong
from proof.convergence.copies import Copy
from proof.convergence.tell import Ended
from simulator.life import MARK

SHOWN = 4  # differences of one copy, in a finding
OF_A_LISTING = ("clock", "content_hash", "source", "last_event_id", "members_version")
"""What depends on who told it and when, and on the ids of a copy."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """A copy that did not end as it should, how it was told, and in what it differs."""

    copy: Copy
    how: str
    what: Sequence[str]

    def __str__(self) -> str:
        """Return the story, the order, and the rows and columns that differ."""
        return (
            f"{self.copy.service.name} {self.copy.story.about}: [{self.copy.story}] "
            f"told {self.how}: {shortened(self.what)}"
        )


def shortened(what: Sequence[str]) -> str:
    """Return the first few, and how many more there are."""
    more = f" and {n} more" if (n := len(what) - SHOWN) > 0 else ""
    return f"{'; '.join(what[:SHOWN])}{more}"


def judge(
    copies: Sequence[Copy], ended: Ended, natural: Ended, by: str = ""
) -> Iterator[Divergence]:
    """Yield the copies that diverge; `by` says who told them."""
    for copy in copies:
        how = "in the natural order" if ended is natural else f"as {copy.way}{by}"
        if what := list(dict.fromkeys(_wrong(copy, ended, natural))):
            yield Divergence(copy, how, what)


def judge_listed(
    copies: Sequence[Copy], ended: Ended, natural: Ended, tables: Collection[str]
) -> Iterator[Divergence]:
    """Yield the copies that were listed meanwhile and do not end alike, or not as they should.

    `tables` are those of what is listed; all else ends as it does in the natural order.
    """
    first: dict[int, Rows] = {}
    for copy in copies:
        listed = {e.key for e in copy.story.standing if e.table in tables}
        found = _of(copy, ended.settled)
        mine, others = _split(found, listed)
        mine = _without(mine, OF_A_LISTING)
        said = [
            *wrong(found, copy.story.expected, fetched=True, listed=listed),
            *differences(mine, first.setdefault(id(copy.story), mine)),
            *differences(others, _split(_of(copy, natural.settled), listed)[1]),
        ]
        if what := list(dict.fromkeys(said)):
            how = f"as {copy.way}, listed before batch {copy.point}"
            yield Divergence(copy, how, what)


def _without(rows: Rows, columns: Collection[str]) -> Rows:
    """Return the rows without some columns."""
    return {
        key: {name: value for name, value in row.items() if name not in columns}
        for key, row in rows.items()
    }


def _split(rows: Rows, listed: Collection[Key]) -> tuple[Rows, Rows]:
    """Return the rows of what is listed, with the members of its sets, and the others."""
    ids = {id for _, _, id in listed}
    mine = {key: row for key, row in rows.items() if key in listed or key[1] in ids}
    return mine, {key: row for key, row in rows.items() if key not in mine}


def _wrong(copy: Copy, ended: Ended, natural: Ended) -> Iterator[str]:
    expected = copy.story.expected
    found, settled = _of(copy, ended.rows), _of(copy, ended.settled)
    yield from wrong(found, expected)
    yield from differences(found, _of(copy, natural.rows))
    if ended.settled is not ended.rows:
        yield from (f"after the re-fetch {w}" for w in wrong(settled, expected, fetched=True))
        for difference in differences(settled, _of(copy, natural.settled)):
            yield f"after the re-fetch {difference}"


def _of(copy: Copy, rows: Mapping[str, Rows]) -> Rows:
    """Return the rows of a copy, and those without a number that its story only mentions."""
    mine = _common(copy)
    common = {key: row for key, row in rows.get("", {}).items() if key in mine}
    return {**rows.get(copy.number, {}), **common}


def _common(copy: Copy) -> set[Key]:
    """Return what every copy of a story mentions under the same id, and none tells of."""
    return {e.key for e in copy.story.expected if MARK not in e.id and not e.versions}


def unhandled(copies: Sequence[Copy], ended: Ended) -> Iterator[str]:
    """Yield what broke, what the ledger holds if not every event, handled, and rows of no copy."""
    yield from (f"a telling broke: {error}" for error in ended.broken)
    all = sum(len(copy.story.told) for copy in copies)
    if dict(ended.statuses) != {"handled": all}:
        yield f"of {all} events the ledger holds {dict(ended.statuses)}"
    numbers, common = {copy.number for copy in copies}, set().union(*map(_common, copies))
    found = [*strays(ended.rows, numbers, common), *strays(ended.settled, numbers, common)]
    if what := list(dict.fromkeys(found)):
        about = ", ".join(sorted({copy.story.about for copy in copies}))
        yield f"{copies[0].service.name} {about}: {shortened(what)}"
