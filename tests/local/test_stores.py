"""The embedded stores keep what they were told, keep others out, and go when they should."""

import contextlib
import os
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from redis import Redis
from redis.exceptions import AuthenticationError

from local.stores import Stores, stores, stores_in_use

CHECKOUT = Path(__file__).parents[2]


def shown(database_url: str, setting: str) -> str:
    with psycopg.connect(database_url) as session:
        row = session.execute(f"SHOW {setting}").fetchone()
    assert row
    return str(row[0])


def port_of(database_url: str) -> int:
    return int(conninfo_to_dict(database_url)["port"] or 0)


def test_a_second_start_keeps_the_contents(place):
    with stores(place) as first, psycopg.connect(first.database_url) as session:
        session.execute("CREATE TABLE kept AS SELECT 7 AS number")
        with Redis.from_url(first.redis_url) as client:
            client.set("kept", "8")
    with stores(place) as second, psycopg.connect(second.database_url) as session:
        assert session.execute("SELECT number FROM kept").fetchone() == (7,)
        with Redis.from_url(second.redis_url) as client:
            assert client.get("kept") == b"8"


def test_given_urls_are_used_and_nothing_is_started(place):
    before = psutil.Process().children()
    with stores(place, database_url="postgresql://d", redis_url="redis://r") as found:
        assert found == Stores("postgresql://d", "redis://r")
        assert psutil.Process().children() == before
    assert list(place.iterdir()) == []


def test_one_given_url_leaves_the_other_store_to_be_started(place):
    with stores(place, database_url="postgresql://d") as found:
        assert found.database_url == "postgresql://d"
        with Redis.from_url(found.redis_url) as client:
            assert client.ping()
    assert not (place / "postgres").exists()


def test_leaving_ends_the_servers(place):
    before = set(psutil.Process().children())
    with stores(place):
        started = set(psutil.Process().children()) - before
        assert {process.name() for process in started} >= {"postgres", "valkey-server"}
    assert not any(process.is_running() for process in started)


def test_without_a_folder_the_stores_leave_nothing_on_the_disk():
    with stores(None) as found:
        folder = Path(shown(found.database_url, "data_directory"))
        assert folder.parents[1].exists()
    assert not folder.parents[1].exists()


def test_postgres_is_set_up_as_production_is(place):
    with stores(place, redis_url="redis://r") as found:
        url = found.database_url
        assert shown(url, "server_encoding") == "UTF8"
        assert shown(url, "lc_messages") == "C"
        assert shown(url, "fsync") == "on"
        assert shown(url, "listen_addresses") == "127.0.0.1"
        assert shown(url, "unix_socket_directories") == ""
        assert shown(url, "max_connections") == "100"


def test_valkey_is_set_up_as_production_is(place):
    with (
        stores(place, database_url="postgresql://d") as found,
        Redis.from_url(found.redis_url, decode_responses=True) as client,
    ):
        settings = client.config_get("append*", "maxmemory*", "save", "bind")
    assert settings["appendonly"] == "yes"
    assert settings["appendfsync"] == "always"
    assert settings["maxmemory-policy"] == "noeviction"
    assert settings["maxmemory"] == str(512 * 1024 * 1024)
    assert settings["save"] == ""
    assert settings["bind"] == "127.0.0.1"


def _commands(family):
    for process in family:
        with contextlib.suppress(psutil.ZombieProcess, psutil.NoSuchProcess):  # it may have ended
            yield " ".join(process.cmdline())


def test_who_does_not_know_the_passwords_stays_outside(place):
    with stores(place) as found:
        postgres_port = port_of(found.database_url)
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"postgresql://tallyman:guess@127.0.0.1:{postgres_port}/tallyman")
        bare = "redis://" + found.redis_url.split("@")[1]
        with Redis.from_url(bare, retry=None) as client, pytest.raises(AuthenticationError):
            client.ping()
        family = psutil.Process().children(recursive=True)
        commands = list(_commands(family))
    for kept in (place / "postgres" / "password", place / "valkey" / "password"):
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert not [command for command in commands if kept.read_text() in command]


def test_a_second_start_on_a_folder_in_use_is_refused_with_the_pid(place):
    script = "import sys; from pathlib import Path; from local.stores import stores\n"
    script += "with stores(Path(sys.argv[1])): pass"
    with stores(place) as found:
        second = subprocess.run(
            [sys.executable, "-c", script, str(place)],
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert second.returncode == 1
        assert f"NotStartedError: {place}" in second.stderr
        assert f"process {os.getpid()} started" in second.stderr
        with Redis.from_url(found.redis_url) as client:
            assert client.ping()


def test_another_process_finds_the_stores_in_use(place):
    assert stores_in_use(place) is None
    with stores(place) as found:
        assert stores_in_use(place) == found
    assert stores_in_use(place) is None
