"""Run the whole system, post every payload, and wait until all that was accepted is settled."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import requests

from local.supervisor import Supervisor, running
from simulator.corpus import Payload
from tallyman.corpus.outcomes import Outcome, ledger, outcome, settled
from tallyman.corpus.post import Answer, Poster
from tallyman.system import System

SCHEMA = "tallyman_corpus"
PATIENCE = 120  # seconds without any progress: only a failure takes that long
GIVEN = {
    "DATABASE_SCHEMA": SCHEMA,
    "LOG_FORMAT": "console",
    # what nobody expected is tried once more, and dead then: it shall not wait for hours
    "RETRY_ATTEMPTS": "2",
    "RETRY_FIRST_SECONDS": "0.1",
}
_CRASHED = ("; starts again in ", "exited prematurely")

Sent = Sequence[tuple[Payload, Answer]]


def run(made: System, logs: Path, payloads: Sequence[Payload]) -> tuple[list[Outcome], list[str]]:
    """Return what became of each payload, and the lines that tell of processes that ended.

    Raises SystemExit where the receiver does not come up.
    """
    programs = [program for program in made.programs if program.name not in {"flower", "console"}]
    with running(programs, logs) as supervisor:
        _wait_for_the_receiver(made, supervisor)
        poster = Poster(made.receiver, made.variables)
        sent = [(payload, poster.post(payload)) for payload in payloads]
        _wait_for_the_workers(made, supervisor, sent)
    found = ledger(made.variables["DATABASE_URL"], SCHEMA)
    return [outcome(payload, answer, found) for payload, answer in sent], _crashes(logs)


def _wait_for_the_receiver(made: System, supervisor: Supervisor) -> None:
    end = time.monotonic() + PATIENCE
    while not _ready(made.receiver):
        if time.monotonic() > end:
            sys.exit(f"error: no receiver\n{supervisor.log('web').read_text()[-3000:]}")
        supervisor.poll()
        time.sleep(0.1)


def _ready(receiver: str) -> bool:
    try:
        return requests.get(f"{receiver}/readyz", timeout=5).ok
    except requests.RequestException:
        return False


def _wait_for_the_workers(made: System, supervisor: Supervisor, sent: Sent) -> None:
    """Return when all that was accepted came to an end, or nothing does any more."""
    accepted = sum(answer.status == 202 for _, answer in sent)
    done, end = -1, time.monotonic() + PATIENCE
    while done < accepted and time.monotonic() < end:
        now = settled(sent, ledger(made.variables["DATABASE_URL"], SCHEMA))
        if now > done:
            done, end = now, time.monotonic() + PATIENCE
        supervisor.poll()
        time.sleep(0.3)


def _crashes(logs: Path) -> list[str]:
    lines = (line for log in sorted(logs.glob("*.log")) for line in log.read_text().splitlines())
    return [line for line in lines if any(words in line for words in _CRASHED)]
