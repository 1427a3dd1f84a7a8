"""A sixth service, added to a copy of the checkout as docs/adding-a-service.md says."""

import os
import shutil
import subprocess
import sys

import pytest

from settings import ROOT

ADD = ROOT / "examples" / "add.py"
ITS_TESTS = "tests/integrations/github"


@pytest.fixture
def copy(tmp_path):
    """A checkout with GitHub in it."""
    there = tmp_path / "tallyman"
    shutil.copytree(ROOT, there, ignore=shutil.ignore_patterns(".*", "__pycache__", "examples"))
    subprocess.run([sys.executable, ADD, "github", there], check=True, timeout=60)
    return there


def tried(copy, *arguments):
    """Run the tests of the service in the copy, on stores of their own; return what they say."""
    ours = {"DATABASE_URL", "REDIS_URL", "DATABASE_SCHEMA", "HANDLERS", "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--noconftest", *arguments, ITS_TESTS],
        cwd=copy,
        env={name: value for name, value in os.environ.items() if name not in ours},
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_service_added_by_the_page_conforms(copy):
    code, said = tried(copy)
    assert code == 0, said


def without(path, text):
    """Take a piece away."""
    content = path.read_text()
    assert content.count(text) == 1
    path.write_text(content.replace(text, ""))


def test_whatever_is_missing_is_named(copy):
    without(copy / "Procfile", "github.work,")
    without(copy / "simulator" / "sender.py", '    "github": github,\n')
    without(copy / "simulator" / "lives.py", '    "github": github_lives.SOURCE,\n')
    without(copy / "worker" / "tasks" / "github.py", '@app.task(name="github.retry")\n')
    lives = copy / "simulator" / "github_lives.py"
    lives.write_text(lives.read_text().replace('"issue": Life(', '"issues": Life('))
    its_tests = copy / ITS_TESTS / "test_github.py"
    its_tests.write_text(its_tests.read_text().replace('Said("repository.', 'Said("issues.'))

    code, said = tried(copy, "-k", "registered or tasks or queues or called or source or every_m")
    assert code == 1
    for named in (
        "Procfile: no worker takes from the queue github.work",
        "simulator/sender.py: EXAMPLES lacks github",
        "simulator/lives.py: SOURCES lacks github",
        "worker/tasks/github.py: no task github.retry",
        "simulator: there is no life of issue",
        "no story tells of repository",
    ):
        assert named in said, f"{named}\n{said}"
