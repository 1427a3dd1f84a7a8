"""Whether services tell what they told before: for `tallyman doctor`."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from worker.checks import Finding
from worker.contracts import changes

SHOWN = 10  # changes; what is more is counted
_MEND = "see docs/operating.md, When a service changes what it tells"


def findings() -> Iterator[Finding]:
    """Yield what changed in the last days; nothing while Postgres, who knows, is away.

    A new field breaks nothing: it is no warning.
    """
    try:
        found = changes.changes()
    except SQLAlchemyError:
        return
    if not found:
        yield Finding("ok", "services tell what they told before, as far as is known")
    yield from map(_finding, found[:SHOWN])
    if len(found) > SHOWN:
        yield from _more(found[SHOWN:])


def _finding(change: Any) -> Finding:
    types = "|".join(one for one in change.types if one != "absent") or "null"
    what = f"{change.service}: {change.of} {change.path} is {change.change} ({types})"
    return Finding("ok", what) if change.change == "new" else Finding("warn", what, _MEND)


def _more(rest: Sequence[Any]) -> Iterator[Finding]:
    grave = sum(one.change != "new" for one in rest)
    what = f"{len(rest)} more fields changed, {grave} of them not just new"
    yield Finding("warn" if grave else "ok", what, _MEND if grave else "")
