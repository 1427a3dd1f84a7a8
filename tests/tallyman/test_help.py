"""`tallyman --help`: quick and whole."""

import subprocess
import sys

import click
from click.testing import CliRunner

from settings import ROOT
from tallyman.cli import tallyman


def test_the_help_imports_nothing_that_takes_long():
    code = (
        "import sys\n"
        "from tallyman.cli import main\n"
        "sys.argv = ['tallyman', '--help']\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print({'sqlalchemy', 'redis', 'pydantic', 'celery', 'requests'} & set(sys.modules))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert told.stdout.splitlines()[-1] == "set()"


def test_the_summaries_are_those_of_the_commands_and_are_not_cut():
    told = " ".join(CliRunner().invoke(tallyman, ["--help"]).output.split())
    for name, command in tallyman.commands.items():
        summary = (command.help or "").partition("\n")[0]
        assert f"{name} {summary}" in told


def test_the_summaries_within_a_group_are_not_cut():
    for name, group in tallyman.commands.items():
        if isinstance(group, click.Group):
            told = " ".join(CliRunner().invoke(tallyman, [name, "--help"]).output.split())
            for command in group.commands.values():
                assert (command.help or "").partition("\n")[0] in told


def test_a_command_that_does_not_exist_is_a_usage_error():
    refused = CliRunner().invoke(tallyman, ["explode"])
    assert refused.exit_code == 2
    assert "No such command 'explode'" in refused.output


def test_ctrl_c_ends_a_command_as_it_ends_other_programs(monkeypatch):
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(tallyman.commands["up"], "callback", interrupted)
    assert CliRunner().invoke(tallyman, ["up"]).exit_code == 130


def test_ctrl_c_while_a_command_is_imported_ends_it_without_a_word():
    code = (
        "import os, signal, sys\n"
        # who runs the tests in the background has it ignored
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "class Finder:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'sqlalchemy': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Finder())\n"
        "sys.argv = ['tallyman', 'status']\n"
        "from tallyman.cli import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


def test_the_public_names_are_there():
    import tallyman as face
    from integrations.errors import Permanent, Transient
    from integrations.interface import Event

    assert (face.Event, face.Permanent, face.Transient) == (Event, Permanent, Transient)
    assert not hasattr(face, "Nothing")
