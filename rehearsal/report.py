"""What a rehearsal says at its end."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from rehearsal.compare import Outcome


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it: what differs, how many webhooks were lost, what was fetched afterwards."""

    outcome: Outcome
    dropped: int
    fetched: int

    @property
    def code(self) -> int:
        """Return the exit code: 1 if anything differs, or if there was nothing to compare."""
        return 1 if self.outcome.differences or not self.outcome.objects else 0

    def lines(self) -> Iterator[str]:
        """Yield what differs, by table and column and some by id, and at last a line of JSON."""
        for (table, column), count in self.outcome.differences.most_common():
            yield f"differs: {table}.{column}: {count:,}"
        yield from (f"  {words}" for words in self.outcome.shown)
        counts = {
            "objects": self.outcome.objects,
            "dropped": self.dropped,
            "fetched": self.fetched,
            "differences": self.outcome.differences.total(),
        }
        yield json.dumps(counts)
