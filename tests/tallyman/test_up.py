"""`tallyman up`: its ports, its notes, and a second one beside it."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from dotenv import dotenv_values

from local.errors import NotStartedError
from local.lock import claimed
from settings import settings
from tallyman import system as systems
from tallyman.commands import up
from tallyman.system import System, system

SERVICES = ("stripe", "clerk", "loops", "posthog", "r2")
SECRETS = tuple(f"{name.upper()}_WEBHOOK_SECRETS" for name in SERVICES)


@pytest.fixture
def port() -> Iterator[str]:
    """A port at which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield str(server.getsockname()[1])


@pytest.fixture
def stores() -> dict[str, str]:
    """The stores of the tests, so that none are started."""
    names = ("DATABASE_URL", "REDIS_URL", "DATABASE_SCHEMA")
    return {name: os.environ[name] for name in names}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A `.data` of the test's own."""
    monkeypatch.setattr(up, "FOLDER", tmp_path)
    monkeypatch.setattr(up, "INVENTED", tmp_path / "invented.env")
    monkeypatch.setattr(up, "RUNNING", tmp_path / "running.env")
    monkeypatch.setattr(up, "DOTENV", tmp_path / "none")
    return tmp_path


def made(variables: dict[str, str], invented: dict[str, str]) -> System:
    ports = ("PORT", "FLOWER_PORT", "CONSOLE_PORT")
    names = ("DATABASE_URL", "REDIS_URL", *ports, "FLOWER_BASIC_AUTH", *SECRETS)
    return System(dict.fromkeys(names, "x") | variables, (), invented)


def test_only_what_nobody_gave_is_invented_and_empty_is_not_given(stores):
    given = {"STRIPE_WEBHOOK_SECRETS": "whsec_mine", "CLERK_WEBHOOK_SECRETS": "", "PORT": ""}
    with system(None, given | stores, {"FLOWER_BASIC_AUTH": "a:b"}) as found:
        logins = {"FLOWER_BASIC_AUTH", "CONSOLE_SECRET", "CONSOLE_PASSWORD"}
        assert found.invented.keys() == {*SECRETS, *logins} - given.keys() | {
            "CLERK_WEBHOOK_SECRETS"
        }
        assert "CONSOLE_PASSWORD" not in found.variables
        assert found.variables["CONSOLE_USERS"].startswith("tallyman:scrypt.")
        assert found.variables["STRIPE_WEBHOOK_SECRETS"] == "whsec_mine"
        assert found.variables["CLERK_WEBHOOK_SECRETS"].startswith("whsec_")
        assert found.variables["FLOWER_BASIC_AUTH"] == "a:b"
        assert found.variables["PORT"]


def test_what_was_given_is_not_kept_for_the_next_start(folder):
    found = made({"STRIPE_WEBHOOK_SECRETS": "whsec_mine"}, {"CLERK_WEBHOOK_SECRETS": "whsec_new"})
    with up._noted(found):
        running = dotenv_values(folder / "running.env")
        assert running["STRIPE_WEBHOOK_SECRETS"] == "whsec_mine"
    assert up._before() == {"CLERK_WEBHOOK_SECRETS": "whsec_new"}
    assert not (folder / "running.env").exists()


def test_alone_no_setting_of_the_environment_counts(stores, monkeypatch):
    for name in ("LOOPS_API_KEY", "APP_WEBHOOK_URL", "HANDLERS"):
        monkeypatch.setenv(name, "somebodys")
    with system(None, {"LOOPS_API_BASE": "http://127.0.0.1:1"} | stores, alone=True) as found:
        environment = os.environ | found.variables
    assert {environment[n] for n in ("LOOPS_API_KEY", "APP_WEBHOOK_URL", "HANDLERS")} == {""}
    assert environment["LOOPS_API_BASE"] == "http://127.0.0.1:1"
    assert environment["DATABASE_SCHEMA"] == stores["DATABASE_SCHEMA"]


def test_it_says_where_to_post_and_who_is_called(capsys, monkeypatch):
    monkeypatch.setenv("LOOPS_API_KEY", "set")
    settings.cache_clear()
    up._greet(made({"PORT": "8000"}, {}))
    monkeypatch.undo()
    settings.cache_clear()
    told = capsys.readouterr().out.splitlines()
    assert told[0].split() == ["receiver", "http://127.0.0.1:8000", "/readyz", "/metrics"]
    assert told[1].split() == [f"/webhooks/{name}" for name in SERVICES]
    assert told[2] == "effects   go to loops; not configured: posthog, r2, app"


@pytest.mark.parametrize(
    "value",
    [
        "it's",
        'a"b',
        "end\\",
        "\\",
        "${HOME}",
        "$HOME$",
        "a#b c",
        " a ",
        "line\nline\r",
        "\\${A}'\\\"",
    ],
)
def test_the_notes_hold_any_value_for_their_owner_only(folder, value):
    path = folder / "invented.env"
    up._write(path, {"A": value, "B": "whole", "C": value})
    assert dotenv_values(path) == {"A": value, "B": "whole", "C": value}
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["PORT", "FLOWER_PORT", "CONSOLE_PORT"])
def test_a_given_port_in_use_ends_up(run, folder, monkeypatch, name, port):
    monkeypatch.setenv(name, port)
    told = run("up")
    assert told.exit_code == 1
    assert told.output.splitlines()[-1] == f"error: {name} {port} is in use"


def test_a_usual_port_in_use_is_left_to_its_user(stores, port, monkeypatch, capsys):
    monkeypatch.setitem(systems._DOORS, "PORT", ("HOST", int(port)))
    with system(None, stores) as found:
        assert found.variables["PORT"] != port
    told = capsys.readouterr().out.splitlines()  # Flower's may be taken too, by another test
    assert f"{port} is taken: using {found.variables['PORT']}" in told


def test_flower_does_not_take_the_port_that_the_receiver_was_given():
    usual = systems._DOORS["FLOWER_PORT"][1]
    assert systems._free(usual, "127.0.0.1", {"PORT": str(usual)}) != usual


def test_a_second_up_is_told_of_the_first(run, folder):
    with claimed(folder / "up.lock"):
        told = run("up")
    assert told.exit_code == 1
    assert told.output == f"error: tallyman up runs already (process {os.getpid()})\n"


def test_a_store_that_does_not_start_is_said_in_a_line(run, folder, monkeypatch):
    @contextmanager
    def unable(*_: object) -> Iterator[System]:
        raise NotStartedError("found no Valkey")
        yield

    monkeypatch.setattr(up, "system", unable)
    told = run("up")
    assert (told.exit_code, told.output) == (1, "error: found no Valkey\n")
