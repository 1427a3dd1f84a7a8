"""The supervisor keeps programs running, shows what they say, and ends them in order."""

import io
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from local import output
from local.output import Tail, printer
from local.program import Patience, Program
from local.supervisor import running

CHECKOUT = Path(__file__).parents[2]
HASTY = Patience(first_pause=0.01, longest_pause=0.02, ask_every=0.01, denials=3)

UNTIL_TERM = "trap 'echo {name} ends; exit 0' TERM; echo {name} runs; while :; do sleep 0.05; done"

SUPERVISES = """
import sys
from pathlib import Path
from local.program import Program
from local.supervisor import supervise

supervise(
    [Program(name, ["sh", "-c", script]) for name, script in zip(sys.argv[2::2], sys.argv[3::2])],
    Path(sys.argv[1]),
)
"""


def shell(name: str, script: str, **more: Any) -> Program:
    return Program(name, ["sh", "-c", script], **more)


def test_a_program_that_exits_is_started_again(tmp_path, until):
    with running([shell("brief", "echo hello; exit 3")], tmp_path, patience=HASTY) as supervisor:
        log = supervisor.log("brief")
        until(lambda: log.read_text().count("hello") >= 3, supervisor.poll)
    assert "ended with exit code 3; starts again in 0.01 s" in log.read_text()


def test_a_program_that_hangs_is_killed_and_started_again(tmp_path, until):
    program = shell("hung", "trap '' TERM; sleep 1000", alive=lambda: False, stop_seconds=0.1)
    with running([program], tmp_path, patience=HASTY) as supervisor:
        first = psutil.Process(supervisor.pid("hung"))
        until(lambda: supervisor.pid("hung") not in {None, first.pid}, supervisor.poll)
    assert not first.is_running()
    said = supervisor.log("hung").read_text()
    assert "gave no sign of life 3 times in a row: killed" in said
    assert "ended with SIGKILL" in said


def test_a_program_that_answers_now_and_then_is_left_alone(tmp_path, until):
    asked: list[None] = []

    def alive():
        asked.append(None)
        return len(asked) % 3 == 0

    with running([shell("slow", "sleep 1000", alive=alive)], tmp_path, patience=HASTY) as one:
        before = one.pid("slow")
        until(lambda: len(asked) > 20, one.poll)
        assert one.pid("slow") == before


def test_the_pause_doubles_up_to_its_bound():
    pauses = [Patience().pause(failures) for failures in range(1, 8)]
    assert pauses == [1, 2, 4, 8, 16, 30, 30]
    assert Patience().pause(10_000) == 30


def test_a_program_that_lived_long_starts_its_pauses_anew(tmp_path, until):
    patience = Patience(first_pause=0.01, longest_pause=1000, steady=0)
    with running([shell("steady", "exit 0")], tmp_path, patience=patience) as supervisor:
        log = supervisor.log("steady")
        until(lambda: log.read_text().count("again in 0.01 s") >= 4, supervisor.poll)


def test_programs_write_their_logs_while_nobody_reads(tmp_path, until):
    script = "i=0; while [ $i -lt 20000 ]; do echo a line longer than it looks $i; i=$((i+1)); done"
    with running([shell("loud", script + "; sleep 1000")], tmp_path) as supervisor:
        log = supervisor.log("loud")
        until(lambda: log.read_text().endswith(" 19999\n"))


def test_a_bad_command_ends_what_was_started_before_it(tmp_path):
    before = psutil.Process().children()
    programs = [shell("good", "sleep 1000"), Program("bad", ["/no/such/program"])]
    with pytest.raises(FileNotFoundError), running(programs, tmp_path):
        pass
    assert psutil.Process().children() == before


def test_a_program_gets_its_own_settings_beside_ours(tmp_path, until):
    program = shell("env", "echo $COLOUR $HOME; sleep 1000", env={"COLOUR": "green"})
    with running([program], tmp_path) as supervisor:
        said = until(supervisor.log("env").read_text)
    assert said == f"green {Path.home()}\n"


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_supervisor_ends_all_in_reverse_order(tmp_path, asked):
    scripts = [part for name in ("one", "three") for part in (name, UNTIL_TERM.format(name=name))]
    command = [sys.executable, "-c", SUPERVISES, str(tmp_path), *scripts]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        first = {process.stdout.readline(), process.stdout.readline()}
        assert first == {"one   | one runs\n", "three | three runs\n"}
        process.send_signal(asked)
        rest = process.stdout.read()
    assert process.returncode == 0
    assert "one   | one ends\none   | [one ended with exit code 0]\n" in rest
    ended = [(tmp_path / f"{name}.log").stat().st_mtime_ns for name in ("three", "one")]
    assert ended == sorted(ended)


def test_lines_stand_under_their_coloured_name():
    stream = io.StringIO()
    show = printer(["web", "worker"], stream, colour=True)
    show("web", "hello")
    show("worker", "hello")
    assert stream.getvalue() == ("\x1b[36mweb    |\x1b[0m hello\n\x1b[33mworker |\x1b[0m hello\n")


def test_a_line_is_shown_when_it_is_complete(tmp_path):
    log = tmp_path / "log"
    log.write_bytes(b"one\ntw")
    tail = Tail(log)
    assert tail.lines() == ["one"]
    with log.open("ab") as more:
        more.write(b"o\n\xff\n")
    assert tail.lines() == ["two", "\N{REPLACEMENT CHARACTER}"]
    assert tail.lines() == []


def test_a_log_that_grew_too_long_is_cut_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(output, "LONGEST_LOG", 10)
    log = tmp_path / "log"
    log.write_bytes(b"a line of some length\n")
    tail = Tail(log)
    assert tail.lines() == ["a line of some length"]
    assert "cut here" in tail.lines()[0]
    assert log.stat().st_size < 60
