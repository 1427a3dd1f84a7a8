"""Whether a service still tells of people who were erased: for `tallyman doctor`."""

from collections.abc import Iterator

from sqlalchemy.exc import SQLAlchemyError

from integrations import INTEGRATIONS
from telemetry import describe
from worker.checks import Finding
from worker.erase.record import unfinished
from worker.erase.returned import DAYS, returned

_MEND = "delete them there, then tallyman erase again: tallyman erase --returned lists them"


def findings() -> Iterator[Finding]:
    """Yield who came back and what was not finished, and which of the two could not be asked."""
    for asked, what in ((_came, "who came back"), (_begun, "what was not finished")):
        try:
            yield from list(asked())
        except SQLAlchemyError as error:
            words = f"of people who were erased it is not known {what}: {describe(error)}"
            yield Finding("warn", words, "ask again when Postgres answers, and has less to do")


def _came() -> Iterator[Finding]:
    came = returned(list(INTEGRATIONS))
    for service in sorted({row.service for row in came}):
        count = sum(row.service == service for row in came)
        what = f"{service}: {count} events of the last {DAYS} days are about people who were erased"
        yield Finding("warn", what, _MEND)


def _begun() -> Iterator[Finding]:
    for id, given in unfinished():
        what = f"erasure {id}, of a person named by {given}, was begun and not finished"
        yield Finding("warn", what, "ask for it again: it goes on")
