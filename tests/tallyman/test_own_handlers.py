"""A team's own package, in a second folder: served, or refused with what to do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import settings as shape
from settings import ROOT, settings
from worker import handlers as own
from worker.handlers import BadHandlersError

WEBHOOKS = """
def on_paid(session, event):
    pass

HANDLERS = {"stripe": {("invoice.paid", "invoice.voided"): on_paid, "charge.failed": on_paid}}
"""
SCRIPTS = Path(sys.executable).parent
TALLYMAN = [SCRIPTS / "tallyman"]
MODULE = [sys.executable, "-m", "tallyman"]


@pytest.fixture
def alone(tmp_path):
    """A folder with nothing in it but the team's package."""
    package = tmp_path / "handlers" / "billing"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "webhooks.py").write_text(WEBHOOKS)
    return package.parent


@pytest.fixture
def crowded(alone):
    """The folder of the team's application, which has a `settings.py` and a `db/` of its own."""
    (alone / "settings.py").write_text("DEBUG = True\n")
    (alone / "db").mkdir()
    (alone / "db" / "__init__.py").write_text("engine = None\n")
    return alone


@pytest.fixture
def colliding(crowded):
    """The same, and the team's package needs both of them."""
    (crowded / "billing" / "teams.py").write_text("import settings\n")
    (crowded / "billing" / "webhooks.py").write_text(f"from db import engine\n{WEBHOOKS}")
    return crowded


def run(command, cwd, *path, **variables):
    """Run a program of ours with these folders on PYTHONPATH; return its code and its words."""
    given = {"PYTHONPATH": os.pathsep.join(map(str, path)), "HANDLERS": "billing.webhooks"}
    done = subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | given | variables,
        check=False,
        text=True,
        timeout=120,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return done.returncode, done.stdout


def is_refusal(words, folder):
    assert f"{folder / 'db'} and {folder / 'settings.py'} cannot be imported for billing" in words
    assert "call yours otherwise, or have billing do without them" in words
    return "Traceback" not in words


@pytest.mark.parametrize(
    ("program", "ours_first"),
    [(TALLYMAN, False), (MODULE, True)],
    ids=["script, theirs first", "module, ours first"],
)
def test_doctor_refuses_a_package_that_imports_names_of_ours(clean, colliding, program, ours_first):
    path = [ROOT, colliding] if ours_first else [colliding, ROOT]
    code, words = run([*program, "doctor"], colliding, *path)
    assert code == 1
    assert is_refusal(words, colliding)


@pytest.mark.parametrize("cwd", ["ours", "theirs"])
def test_a_worker_does_not_start_with_a_package_that_imports_names_of_ours(clean, colliding, cwd):
    where = ROOT if cwd == "ours" else colliding
    command = [SCRIPTS / "celery", "-A", "worker", "worker", "--pool", "solo"]
    code, words = run(command, where, colliding)
    assert code != 0
    assert is_refusal(words, colliding)


def test_up_starts_nothing_with_a_package_that_imports_names_of_ours(clean, colliding):
    code, words = run([*TALLYMAN, "up"], colliding, colliding)
    assert code == 1
    assert is_refusal(words, colliding)


def test_the_receiver_finds_its_own_modules_whatever_comes_first_on_the_path(clean, crowded):
    gunicorn = [SCRIPTS / "gunicorn", "--check-config", "--config", "python:receiver.serve"]
    code, words = run([*gunicorn, "receiver.app:create_app()"], crowded, crowded)
    assert code == 0, words


def test_a_package_that_imports_nothing_called_like_ours_is_served(clean, crowded):
    code, words = run([*TALLYMAN, "doctor"], crowded, crowded)
    assert code == 0, words
    assert "3 handler(s) of your own" in words


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Return the handlers of a module with this content."""

    def loaded(content, name="webhooks_of_a_test"):
        if content is not None:
            (tmp_path / f"{name.partition('.')[0]}.py").write_text(content)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setenv("HANDLERS", name)
        monkeypatch.delitem(sys.modules, name, raising=False)
        settings.cache_clear()
        own.handlers.cache_clear()
        return own.handlers()

    yield loaded
    monkeypatch.undo()
    settings.cache_clear()
    settings()  # now: the next test may have changed the environment when it asks
    own.handlers.cache_clear()


def test_a_handler_for_several_types_stands_behind_each_of_them(load):
    found = load(WEBHOOKS)
    assert set(found["stripe"]) == {"invoice.paid", "invoice.voided", "charge.failed"}
    assert len(set(found["stripe"].values())) == 1


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (None, "nobody.wrote_this", "No module named 'nobody'. Next: put the folder that holds"),
        (None, "db.webhooks", "Next: call your package otherwise, db is one of Tallyman's own"),
        ("import nothing_like_it", "h1", "No module named 'nothing_like_it'. Next: mend what it"),
        ("from db import nothing", "h2", "cannot import name 'nothing' from 'db'"),
        ("", "h3", "h3.py has no HANDLERS in it"),
        ("HANDLERS = [1]", "h4", 'write HANDLERS = {"stripe": {type: function}}'),
        ("HANDLERS = {'stripe': 1}", "h5", 'write HANDLERS = {"stripe": {type: function}}'),
        ("HANDLERS = {'strpie': {}}", "h6", "no service strpie; there are stripe, clerk"),
        ("HANDLERS = {'clerk': {'a.b': 'f'}}", "h7", "a.b is handled by 'f', no function"),
        (
            "HANDLERS = {'clerk': {'a.b': print, ('c.d', 'a.b'): print}}",
            "h8",
            "a.b has two handlers",
        ),
    ],
)
def test_handlers_that_cannot_be_used_are_refused_by_what_is_wrong(load, content, name, words):
    with pytest.raises(BadHandlersError) as refused:
        load(content, name)
    assert str(refused.value).startswith(f"HANDLERS={name}: ")
    assert words in str(refused.value)


def test_no_handlers_are_named_by_default(monkeypatch):
    monkeypatch.delenv("HANDLERS")
    assert shape.Worker().handlers == ""
