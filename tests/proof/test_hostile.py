"""The hostile part of the proof: it finds nothing here, and finds what is planted."""

import dataclasses
import threading
import time
from functools import partial
from pathlib import Path

import psutil
import pytest
import requests
from werkzeug.serving import make_server

import receiver.app
from integrations import INTEGRATIONS
from integrations.errors import InvalidSignature
from local.supervisor import running
from proof.context import Context
from proof.hostile import garbage, run, settled
from proof.hostile.answers import FORGERY, LOST, SERVER_ERROR
from proof.hostile.book import Book
from proof.hostile.door import Door, digest, taken_from
from proof.hostile.part import second, signers
from receiver.fallback import Unavailable
from settings import settings
from simulator.sender import Sender
from tallyman.system import system
from tests.receiver.deliveries import secret_of, stripe_body

SHARED = "cd" * 16


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    """The receiver and the workers, running."""
    given = {
        "HANDLERS": "",
        "DATABASE_SCHEMA": "tallyman",
        "SENTRY_DSN": "",
        **second(),
    }
    folder: Path = tmp_path_factory.mktemp("logs")
    with system(None, given) as whole:
        programs = [program for program in whole.programs if program.name in {"web", "worker"}]
        with running(programs, folder) as processes:
            _wait_for(whole.receiver)
            yield _door(whole.receiver, whole.variables, processes.pid("web"))


def _wait_for(receiver):
    give_up = time.monotonic() + 60
    while not _answers(receiver):
        assert time.monotonic() < give_up
        time.sleep(0.05)


def _answers(receiver):
    try:
        return requests.get(f"{receiver}/readyz", timeout=5).ok
    except requests.RequestException:
        return False


def _door(url, variables, main):
    taken = taken_from(variables["DATABASE_URL"], variables["REDIS_URL"])
    return Door(url, signers(variables), lambda: _family(main), taken)


def _family(main):
    return [main, *(child.pid for child in psutil.Process(main).children(recursive=True))]


@pytest.mark.e2e
def test_nothing_is_found_when_all_is_sent_to_a_running_receiver(door):
    part = run.prove(Context(7, 6, print), door)

    assert part.findings == []
    assert part.counts["hostile_requests"] > 1500
    assert (part.counts["server_errors"], part.counts["forgeries_accepted"]) == (0, 0)
    assert part.counts["lost"] == 0
    real = _table(part, "real requests")
    assert all(row[2] == row[3] + row[4] for row in real.rows)
    ends = {(what, end) for what, end, _ in _table(part, "ended").rows}
    assert {(settled.REAL, "handled"), (settled.UNREADABLE, "dead")} <= ends
    assert (settled.GARBAGE, "ignored") in ends


def _table(part, head):
    return next(table for table in part.tables if head in table.heads)


@pytest.fixture
def planted(client, monkeypatch):
    """Serve a receiver of this process in which the integrations were tampered with.

    Of those that sign alike, one is called on.
    """
    secrets = {service: secret_of(service) for service in ("stripe", "clerk")}
    monkeypatch.setitem(receiver.app._SECRETS, ("posthog", "shared"), (SHARED,))
    server = make_server("127.0.0.1", 0, client.application, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    stores = settings().stores
    taken = taken_from(stores.database_url, stores.redis_url, stores.database_schema)

    def tamper(**changes):
        for name, service in INTEGRATIONS.items():
            monkeypatch.setitem(INTEGRATIONS, name, dataclasses.replace(service, **changes))
        return Door(f"http://127.0.0.1:{server.port}", secrets, list, taken)

    yield tamper
    server.shutdown()
    thread.join()
    server.server_close()


def _found(search, door):
    book = Book()
    search(Context(7, 1, print), door, book)
    return {finding.kind for finding in book.findings}


def test_forgeries_are_found_when_a_receiver_lets_all_in(planted):
    assert _found(run.forge, planted(verify=lambda *_: None)) == {FORGERY}


def test_forgeries_are_refused_when_the_same_receiver_was_not_tampered_with(planted):
    assert _found(run.forge, planted()) == set()


def _takes_the_beginning(_body, headers, secrets, _now):
    if not secrets[0].startswith(headers.get("x-webhook-secret", "none")):
        raise InvalidSignature("signature_mismatch")


def test_what_is_almost_the_shared_secret_is_found_when_a_receiver_takes_its_beginning(planted):
    shared = {"posthog/shared": SHARED}
    lax = dataclasses.replace(planted(verify=_takes_the_beginning), secrets=shared)
    assert _found(run.forge, lax) == {FORGERY}


def test_what_is_almost_the_shared_secret_is_refused_when_the_receiver_was_not_tampered_with(
    planted,
):
    door = dataclasses.replace(planted(), secrets={"posthog/shared": SHARED})
    assert _found(run.forge, door) == set()
    assert Sender(door.url, "posthog", SHARED, "shared").send(b"{}").status_code == 202


def test_a_server_error_is_found_when_a_receiver_breaks(planted):
    assert _found(run.forge, planted(verify=lambda *_: 1 / 0)) == {SERVER_ERROR}


def test_what_nobody_signed_is_found_in_the_tables_whatever_the_answer_was(planted):
    door = planted()
    before = door.taken()
    Sender(door.url, "stripe", door.secrets["stripe"]).send(stripe_body())
    assert run.strays(before, door.taken(), set()) == {digest(stripe_body())}
    assert run.strays(before, door.taken(), {digest(stripe_body())}) == set()


def test_signed_garbage_that_is_refused_is_found(planted):
    door = planted()
    other = dataclasses.replace(door, secrets={"stripe": "whsec_other"})
    assert _found(partial(garbage.send, seconds=0), other) == {garbage.REFUSED}


def test_signed_garbage_comes_again_after_an_honest_503(planted, monkeypatch):
    times = []

    def keep(delivery):
        times.append(delivery.body)
        if len(times) % 2:
            raise Unavailable
        return "accepted"

    monkeypatch.setattr("receiver.app.keep", keep)
    monkeypatch.setattr(garbage, "_PAUSES", [0, 0])
    assert _found(partial(garbage.send, seconds=0), planted()) == set()
    assert times[0] == times[1]


def test_what_was_accepted_and_thrown_away_is_found(planted, monkeypatch):
    monkeypatch.setattr("receiver.app.keep", lambda _: "accepted")
    door, book = planted(), Book()
    garbage.send(Context(7, 1, print), door, book, 0)
    settled.follow(door, book)
    assert {finding.kind for finding in book.findings} == {LOST}
    assert len(book.findings) == len(book.accepted) == book.counts()["lost"]
