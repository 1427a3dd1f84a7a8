"""A killed server loses nothing that it acknowledged; one that cannot start says why."""

import os
import shutil
import threading

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from redis import Redis
from redis.exceptions import ConnectionError as Refused

from local import postgres, valkey
from local.errors import NotStartedError


def test_every_acknowledged_entry_survives_the_kill_of_valkey(place, until):
    server = valkey.start(place)
    acknowledged = []

    def write():
        with Redis.from_url(server.url, retry=None) as client:
            try:
                while True:
                    acknowledged.append(client.xadd("stream", {"body": os.urandom(512)}))
            except Refused:
                return

    writer = threading.Thread(target=write)
    writer.start()
    until(lambda: len(acknowledged) > 200)
    server.process.kill()
    server.process.wait()
    writer.join()
    again = valkey.start(place)
    with Redis.from_url(again.url) as client:
        kept = {entry for entry, _ in client.xrange("stream")}
    again.stop()
    assert set(acknowledged) <= kept


def test_a_killed_postgres_comes_back_on_the_same_url(place):
    first = postgres.start(place)
    with psycopg.connect(first.url, autocommit=True) as session:
        session.execute("CREATE TABLE kept AS SELECT 7 AS number")
        first.process.kill()
        first.process.wait()
    port = int(conninfo_to_dict(first.url)["port"] or 0)
    second = postgres.start(place, port)
    assert second.url == first.url
    with psycopg.connect(second.url) as session:
        assert session.execute("SELECT number FROM kept").fetchone() == (7,)
    second.stop()


def test_a_server_that_dies_at_its_start_is_told_with_its_last_words(place):
    (place / "appendonlydir").write_text("a file where a folder must be")
    with pytest.raises(NotStartedError, match=r"valkey-server ended with(.|\n)*appendonlydir"):
        valkey.start(place)


def test_a_missing_program_is_told_with_what_to_do(monkeypatch):
    monkeypatch.setattr(valkey, "wheel", lambda _package: [])
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(NotStartedError, match="REDIS_URL"):
        valkey.program()
