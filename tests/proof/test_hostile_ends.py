"""What is looked at beside the answers: where bodies end, processes, connections, signatures."""

import asyncio
import dataclasses
import os
import socket
import time
from random import Random
from typing import Any, cast

import pytest
from hypothesis import strategies as st

from integrations import INTEGRATIONS
from proof.context import Context
from proof.hostile import settled, strange, wire
from proof.hostile.answers import FORGERY, LOST
from proof.hostile.book import Book
from proof.hostile.door import Door, digest
from proof.hostile.hunt import hunt
from proof.hostile.parsers import CRASHED, fuzz
from proof.hostile.settled import GARBAGE, REAL, STUCK, UNREADABLE, WRONG_END
from proof.hostile.signing import signed
from proof.hostile.watch import ENDED, NotOursError, Watch, check_ours, rss_mib


def door(taken=(), pids=list):
    return Door("http://127.0.0.1:1", {}, pids, lambda: dict(taken))


@pytest.mark.parametrize(
    ("kind", "status", "found"),
    [
        *((kind, None, [LOST]) for kind in (REAL, UNREADABLE, GARBAGE)),
        *((REAL, status, [STUCK]) for status in ("waiting", "received", "retrying")),
        *((GARBAGE, status, []) for status in ("handled", "ignored", "dead")),
        *((REAL, status, [WRONG_END]) for status in ("dead", "ignored")),
        *((UNREADABLE, status, [WRONG_END]) for status in ("handled", "ignored")),
        *((kind, end, []) for kind, end in ((REAL, "handled"), (UNREADABLE, "dead"))),
    ],
)
def test_what_was_accepted_must_be_there_and_end_as_it_must(kind, status, found):
    book = Book()
    book.accepted["body"] = kind
    settled.follow(door({"body": status} if status else ()), book, patience=0)
    assert [finding.kind for finding in book.findings] == found


def test_what_was_accepted_is_waited_for_while_more_and_more_of_it_settles():
    book, looks = Book(), iter([{"a": "waiting"}, {"a": "retrying"}, {"a": "dead"}])
    book.accepted["a"] = UNREADABLE
    table = settled.follow(Door("", {}, list, lambda: next(looks)), book)
    assert book.findings == []
    assert table.rows == [(UNREADABLE, "dead", 1)]


@pytest.mark.parametrize("body", strange.UNREADABLE, ids=lambda body: digest(body)[:8])
def test_the_fixed_corners_are_unreadable_without_the_product(body):
    assert settled.is_surely_unreadable(body)


def test_what_may_be_an_event_is_not_called_unreadable():
    assert not settled.is_surely_unreadable(b'{"id":"evt_1","type":"x","created":1}')


def test_a_process_that_ended_is_found_once():
    book, looks = Book(), iter([[1, 2], [1, 3], [1, 3]])
    watch = Watch(door(pids=lambda: next(looks)), book)
    watch.look("a storm")
    watch.look("a calm")
    assert [(f.kind, f.what) for f in book.findings] == [
        (ENDED, "pid 2, during: a storm; new: [3]")
    ]


def test_only_what_our_own_processes_serve_is_attacked(silent):
    def at(port, *served_by):
        check_ours(Door(f"http://127.0.0.1:{port}", {}, lambda: list(served_by), dict))

    at(silent[1], os.getpid())
    with pytest.raises(NotOursError):
        at(silent[1])
    with pytest.raises(NotOursError):
        at(1, os.getpid())


def test_memory_is_summed_up_when_a_process_is_gone_meanwhile():
    assert rss_mib(door(pids=lambda: [os.getpid(), 2**22 + 1])) > 1


def test_a_hunt_counts_only_what_was_checked():
    checked: list[int] = []
    assert hunt(st.integers(), checked.append, Random(1), 0) == len(checked) > 0


@pytest.fixture
def silent():
    """Somebody who takes connections, and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()


@pytest.fixture
def closed():
    """An address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()


def test_no_answer_is_none_and_no_error(silent, closed):
    assert wire.exchange(silent, b"hello", patience=0.01) == []
    assert wire.exchange(closed, b"hello") == []


def test_what_is_written_after_the_other_side_has_ended_was_not_said():
    async def late():
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            await reader.read()
            said = asyncio.Event()
            await wire._say(writer, b"hello", said)
            writer.transport.abort()
        return said.is_set()

    assert not asyncio.run(late())


def test_all_was_said_only_when_there_was_a_connection(silent, closed):
    assert asyncio.run(wire.ask(silent, b"hello", patience=0.1)) == wire.Heard([], said=True)
    assert asyncio.run(wire.ask(closed, b"hello")) == wire.Heard([], said=False)
    much = b"x" * 50_000_000
    assert asyncio.run(wire.ask(silent, much, patience=0.1)) == wire.Heard([], said=False)


@pytest.mark.parametrize("service", list(INTEGRATIONS))
def test_what_the_attackers_sign_is_what_the_service_would_sign(service):
    secret = "whsec_" + "ab" * 16
    INTEGRATIONS[service].verify(b"{}", signed(service, secret, b"{}"), [secret], time.time())


def _crash(*_: object) -> Any:
    raise KeyError("missing")


@pytest.mark.parametrize("what", ["verify", "read"])
def test_a_crash_is_found_when_a_parser_raises_what_it_should_not(monkeypatch, what):
    for name, service in INTEGRATIONS.items():
        broken: Any = dataclasses.replace(service, **{what: cast("Any", _crash)})
        monkeypatch.setitem(INTEGRATIONS, name, broken)
    book = Book()
    fuzz(Context(7, 0.5, print), book, 0.5)
    assert {finding.kind for finding in book.findings} == {CRASHED}


def test_a_verifier_that_lets_in_is_found_without_a_receiver(monkeypatch):
    for name, service in INTEGRATIONS.items():
        lax = dataclasses.replace(service, verify=lambda *_: None)
        monkeypatch.setitem(INTEGRATIONS, name, lax)
    book = Book()
    fuzz(Context(7, 0.5, print), book, 0.5)
    assert {finding.kind for finding in book.findings} == {FORGERY}
