"""From POST to commit, through receiver, Redis, Celery and Postgres, at a gentle rate.

A commit is seen by a connection of its own that asks for the ids that are out, about once a
millisecond; `latency.resolution_ms` is the p99 of the time from one question to the next answer.
"""

import time
from typing import Any

import psycopg

from bench.drain import ready
from bench.events import requests
from bench.figures import Figures, Size, medians, percentile_ms
from bench.load import Lines, paced
from bench.receiver import OURS, listens
from bench.stack import WORKER, gunicorn, started, until
from settings import environment
from worker.celery import app
from worker.ledger import TABLE

RATE = 50  # events a second
_SEEN = f"SELECT event_id FROM {TABLE} WHERE service = 'stripe' AND event_id = ANY(%s)"


class Commits:
    """Watches the ledger for the events that are out; times are in seconds."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self.out: dict[str, float] = {}
        self.took: list[float] = []
        self.gaps: list[float] = []
        self._connection, self._looked = connection, time.perf_counter()

    def look(self) -> bool:
        """Wait for a millisecond, ask for the events that are out; return whether none is."""
        time.sleep(0.001)
        found = self._connection.execute(_SEEN, [list(self.out)]).fetchall() if self.out else []
        now = time.perf_counter()
        self.took += [now - self.out.pop(id) for (id,) in found]
        self.gaps.append(now - self._looked)
        self._looked = now
        return not self.out


def measure(size: Size) -> Figures:
    receiver, port = gunicorn(OURS)
    with (
        started(receiver, WORKER),
        psycopg.connect(environment()["DATABASE_URL"], autocommit=True) as connection,
    ):
        until(lambda: listens(port) and ready(app))
        events = int(RATE * size.latency_seconds)
        _round(port, connection, RATE)
        return medians([_round(port, connection, events) for _ in range(size.rounds)])


def _round(port: int, connection: "psycopg.Connection[Any]", events: int) -> Figures:
    commits, prepared = Commits(connection), list(requests(events))
    with Lines(port) as lines:
        due = paced(lines, [request for _, request in prepared], RATE, commits.look)
        for (id, _), since in zip(prepared, due, strict=True):
            commits.out[id] = since
            lines.answers(0)
        until(commits.look, pause=0)
    return {
        "latency.p99_ms": percentile_ms(99, commits.took),
        "latency.p50_ms": percentile_ms(50, commits.took),
        "latency.resolution_ms": percentile_ms(99, commits.gaps),
    }
