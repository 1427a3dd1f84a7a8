"""The image holds what runs, no more, and runs as nobody in particular."""

import re
import shlex
import tomllib
from fnmatch import fnmatch

from settings import ROOT
from tallyman.system import commands

TEXT = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
STEPS = [line.split(None, 1) for line in TEXT.splitlines() if line and line[0] not in "# "]
LAST = STEPS[max(n for n, (word, _) in enumerate(STEPS) if word == "FROM") :]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PIN = re.compile(r"^([a-z0-9-]+)==([^ ]+)", re.MULTILINE)


def _of(word: str) -> list[str]:
    return [rest for step, rest in LAST if step == word]


def _copied() -> list[str]:
    found = [shlex.split(rest) for rest in _of("COPY") if not rest.startswith("--from")]
    return [source for words in found for source in words[:-1]]


def _pins(name: str) -> dict[str, str]:
    """Return what a lock says of each package, hashes and all."""
    blocks = re.split(r"\n(?=\S)", (ROOT / name).read_text().strip())
    return {" ".join(m.groups()): block for block in blocks if (m := PIN.match(block))}


def test_it_runs_as_an_unprivileged_user():
    users = _of("USER")
    assert users
    assert users[-1].split(":")[0] not in {"root", "0"}
    assert any(f"--create-home --shell /usr/sbin/nologin {users[-1]}" in run for run in _of("RUN"))
    assert [
        word for word, _ in LAST[LAST.index(["USER", users[-1]]) :] if word in {"RUN", "COPY"}
    ] == []


def test_it_holds_no_settings_but_where_to_listen():
    given = {pair.partition("=")[0] for env in _of("ENV") for pair in shlex.split(env)}
    assert given == {"PATH", "PYTHONPATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "HOST"}
    assert [word for word, _ in STEPS if word in {"ARG", "ADD"}] == []
    assert not re.search(r"whsec_\w|sk_(live|test)|://[^\s']*@", TEXT)


def test_it_is_healthy_when_the_receiver_answers():
    (check,) = _of("HEALTHCHECK")
    assert "/healthz" in check
    assert "PORT" in check


def test_it_runs_the_receiver_by_default():
    (command,) = _of("CMD")
    assert [str(word) for word in re.findall(r'"([^"]*)"', command)] == commands()["web"]


def test_it_holds_all_that_runs():
    # the proof and the rehearsal run in a checkout, with its development packages
    packages = set(PROJECT["tool"]["importlinter"]["root_packages"]) - {"proof", "rehearsal"}
    modules = [path.name for path in ROOT.glob("*.py")]
    assert {*packages, *modules} <= set(_copied())
    assert [source for source in _copied() if not (ROOT / source).exists()] == []


def test_only_what_it_copies_is_sent_to_the_builder():
    rules = (ROOT / ".dockerignore").read_text().split("\n")
    rules = [rule for rule in rules if rule and not rule.startswith("#")]
    assert rules[0] == "*"
    let_in = {rule[1:] for rule in rules if rule.startswith("!")}
    assert let_in == {*_copied(), "requirements.runtime.lock"}
    assert not any(fnmatch(".env", rule) for rule in let_in)
    assert "**/.env*" in rules


def test_the_runtime_lock_is_a_part_of_the_lock():
    everything, runtime = _pins("requirements.lock"), _pins("requirements.runtime.lock")
    assert runtime
    hashes = {name: re.findall("sha256:[0-9a-f]+", block) for name, block in everything.items()}
    assert [
        n for n, block in runtime.items() if re.findall("sha256:[0-9a-f]+", block) != hashes.get(n)
    ] == []
    assert "://" not in (ROOT / "requirements.runtime.lock").read_text()


def test_the_runtime_lock_holds_what_the_product_needs_and_no_more():
    locked = {name.split()[0] for name in _pins("requirements.runtime.lock")}
    assert {_name(need) for need in PROJECT["project"]["dependencies"]} <= locked
    extras = PROJECT["project"]["optional-dependencies"]
    assert {_name(need) for extra in extras.values() for need in extra} & locked == set()


def _name(need: str) -> str:
    return re.split(r"[^a-z0-9-]", need)[0]
