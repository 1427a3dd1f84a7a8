"""Hold what came of each copy against the natural order, and against the provider's own story."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from proof.convergence.compare import Rows, differences, wrong
from proof.convergence.copies import Copy
from proof.convergence.tell import Ended

SHOWN = 4  # differences of one copy, in a finding


@dataclass(frozen=True, slots=True)
class Divergence:
    """A copy that did not end as it should, how it was told, and in what it differs."""

    copy: Copy
    how: str
    what: Sequence[str]

    def __str__(self) -> str:
        """Return the story, the order, and the rows and columns that differ."""
        more = f" and {n} more" if (n := len(self.what) - SHOWN) > 0 else ""
        return (
            f"{self.copy.service.name} {self.copy.story.about}: [{self.copy.story}] "
            f"told {self.how}: {'; '.join(self.what[:SHOWN])}{more}"
        )


def judge(
    copies: Sequence[Copy], ended: Ended, natural: Ended, by: str = ""
) -> Iterator[Divergence]:
    """Yield the copies that diverge; `by` says who told them."""
    for copy in copies:
        how = "in the natural order" if ended is natural else f"as {copy.way}{by}"
        if what := list(dict.fromkeys(_wrong(copy, ended, natural))):
            yield Divergence(copy, how, what)


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
    return rows.get(copy.number, {})


def unhandled(copies: Sequence[Copy], ended: Ended) -> Iterator[str]:
    """Yield what broke, and what the ledger holds if not every event of every copy, handled."""
    yield from (f"a telling broke: {error}" for error in ended.broken)
    all = sum(len(copy.story.told) for copy in copies)
    if dict(ended.statuses) != {"handled": all}:
        yield f"of {all} events the ledger holds {dict(ended.statuses)}"
