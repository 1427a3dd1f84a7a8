"""What became of each payload: what the receiver answered, then what the ledger says."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal, get_args

import psycopg
from psycopg.rows import dict_row

from simulator.corpus import Payload
from tallyman.corpus.post import Answer

What = Literal["errors", "refused", "dead", "handled", "ignored"]
WORST_FIRST: Sequence[What] = get_args(What)
_UNDER_WAY = {"received", "retrying"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a payload, and why. `errors`: a 5xx, a crash, or it ended nowhere."""

    payload: Payload
    what: What
    why: str = ""
    type: str = ""


Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The rows of the ledger by service and event id, and by service and the hash of the body."""

    by_id: Mapping[tuple[str, str], Row]
    by_body: Mapping[tuple[str, str], Row]

    def row(self, payload: Payload) -> Row | None:
        """Return the row of a payload: an unreadable body has no id, a kept one may be redacted."""
        digest = sha256(payload.body).hexdigest()
        for id in (payload.event_id, f"sha256:{digest}"):
            if found := self.by_id.get((payload.service, id)):
                return found
        return self.by_body.get((payload.service, digest))


def ledger(url: str, schema: str) -> Ledger:
    """Return what the ledger holds now."""
    columns = "service, event_id, type, status, attempts, error, reason"
    query = f"SELECT {columns}, encode(sha256(body), 'hex') AS hash FROM {schema}.events"  # noqa: S608  ours
    with psycopg.connect(url, row_factory=dict_row) as asked:
        rows = asked.execute(query.encode()).fetchall()
    return Ledger(
        {(row["service"], row["event_id"]): row for row in rows},
        {(row["service"], row["hash"]): row for row in rows},
    )


def settled(sent: Iterable[tuple[Payload, Answer]], found: Ledger) -> int:
    """Return how many of the payloads that were accepted came to an end."""
    rows = (found.row(payload) for payload, answer in sent if answer.status == 202)
    return sum(row is not None and row["status"] not in _UNDER_WAY for row in rows)


def outcome(payload: Payload, answer: Answer, found: Ledger) -> Outcome:
    """Return what became of a payload."""
    if answer.status != 202:
        refused = 400 <= answer.status < 500
        return Outcome(
            payload, "refused" if refused else "errors", f"{answer.status} {answer.words}"
        )
    row = found.row(payload)
    if row is None or row["status"] in _UNDER_WAY:
        return Outcome(payload, "errors", f"{row['status'] if row else 'lost'}: it ended nowhere")
    why = row["error"] or row["reason"] or ""
    if row["status"] == "dead" and row["attempts"] > 1:  # nobody who knew of it gave it up
        return Outcome(payload, "errors", f"unexpected {why}", row["type"] or "")
    return Outcome(payload, row["status"], why, row["type"] or "")


def worst(outcomes: Iterable[Outcome]) -> What:
    """Return what became of a file that holds several payloads."""
    found = {outcome.what for outcome in outcomes}
    return next(what for what in WORST_FIRST if what in found)
