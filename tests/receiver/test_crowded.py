"""When no more connections fit, those go that are no loss, and only they."""

import logging
import selectors
import socket
import time
from concurrent.futures import Future
from types import SimpleNamespace

import pytest
from gunicorn.config import Config  # type: ignore[import-untyped]

from tests.receiver.served import everything
from tests.receiver.test_patience import POST, statuses


class Crowded:
    """A worker with room for three, in the middle of its loop."""

    def __init__(self, patch):
        from receiver import patient

        self.now = time.monotonic()
        patch.setattr(patient, "time", SimpleNamespace(monotonic=lambda: self.now))
        log = logging.getLogger("gunicorn")
        self.worker = patient.PatientWorker(0, 0, [], None, 30, Config(), log)
        self.worker.worker_connections = 3
        self.worker.poller = selectors.DefaultSelector()
        self.door = socket.create_server(("127.0.0.1", 0))
        self.lines = []

    def come(self):
        """Let somebody connect; return the worker's side."""
        self.lines.append(socket.create_connection(self.door.getsockname()))
        self.worker.accept(self.door)
        return next(reversed(self.worker._waiting))

    def keep(self, conn):
        """End a request, so that the connection is idle."""
        self.worker._forget(conn)
        answered: Future[bool] = Future()
        answered.set_result(True)
        conn.size, conn.set_timeout = 0, lambda: setattr(conn, "timeout", self.now + 2)
        self.worker.finish_request(conn, answered)

    def look(self, later):
        """Do what gunicorn's loop does each time; return who is there."""
        self.now += later
        self.worker.murder_pending()
        there = [*self.worker.keepalived_conns, *self.worker._waiting]
        assert self.worker.nr_conns == len(there)
        return there

    def close(self):
        for conn in (*self.worker.keepalived_conns, *self.worker._waiting):
            conn.close()
        for thing in (self.worker.poller, self.worker.tmp, self.door, *self.lines):
            thing.close()


@pytest.fixture
def crowded(monkeypatch):
    crowded = Crowded(monkeypatch)
    yield crowded
    crowded.close()


def test_nobody_is_dropped_who_came_a_moment_ago(crowded):
    three = [crowded.come() for _ in range(3)]
    assert crowded.look(0.9) == three


def test_one_is_dropped_who_waited_longest(crowded):
    three = [crowded.come() for _ in range(3)]
    assert crowded.look(1.1) == three[1:]
    assert crowded.look(1.1) == three[1:]  # somebody fits in


def test_who_is_idle_goes_before_who_is_late(crowded):
    late, idle, other = [crowded.come() for _ in range(3)]
    crowded.keep(idle)
    assert crowded.look(1.1) == [late, other]


def test_who_was_idle_for_a_moment_only_stays(crowded):
    late, idle, other = [crowded.come() for _ in range(3)]
    crowded.look(0.5)
    crowded.keep(idle)
    assert crowded.look(0.6) == [idle, other]
    assert late not in crowded.worker._waiting


def test_nobody_is_dropped_while_the_receiver_ends(crowded):
    three = [crowded.come() for _ in range(3)]
    crowded.worker.alive = False
    assert crowded.look(1.1) == three


@pytest.mark.e2e
@pytest.mark.parametrize(
    "doomed",
    [["env", "RECEIVER_WORKERS=1", "sh", "-c", 'ulimit -n 300; exec "$@"', "sh"]],
    indirect=True,
)
def test_of_very_many_at_once_each_one_is_answered(doomed, until):
    until(doomed.answers)
    forged = POST + b"Content-Length: 2\r\nConnection: close\r\n\r\n{}"
    lines = [doomed.connect() for _ in range(700)]
    for line in lines:
        line.sendall(forged)
    assert {tuple(statuses(everything(line))) for line in lines} == {(401,)}
    for line in lines:
        line.close()
