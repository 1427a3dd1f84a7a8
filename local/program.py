"""One program under supervision: started, started again when it ends or hangs, ended at last."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local import child


@dataclass(frozen=True)
class Program:
    """What to run and how to end it.

    `env` comes on top of our own environment. `alive` is asked now and then where given: it is
    called in the main thread, so it should answer soon, and should not raise.
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 15
    alive: Callable[[], bool] | None = None


@dataclass(frozen=True)
class Patience:
    """How long to wait for what, in seconds; `denials` are answers of `alive` in a row."""

    first_pause: float = 1
    longest_pause: float = 30
    steady: float = 60
    ask_every: float = 5
    denials: int = 6

    def pause(self, failures: int) -> float:
        """Return the pause before the start after so many failures in a row."""
        return min(self.first_pause * 2.0 ** min(failures - 1, 32), self.longest_pause)


def exit_words(code: int) -> str:
    """Return how a process ended, in words: Popen gives a signal as its negative number."""
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


class Run:
    """The life of one program, over all its starts; what it says goes into `log`."""

    def __init__(self, program: Program, log: Path, patience: Patience) -> None:
        self.program = program
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None
        self._patience = patience
        self._failures = 0
        self._denials = 0
        self._started = self._due = self._ask_at = 0.0

    def start(self) -> None:
        """Start it. Raises OSError when the command cannot be run."""
        self._denials, self._started = 0, time.monotonic()
        self._ask_at = self._started + self._patience.ask_every
        environment = {**os.environ, **self.program.env}  # noqa: TID251 - handed on, not read
        with self.log.open("ab") as output:  # appending, so that the log can be cut meanwhile
            self.process = child.start(self.program.command, output=output, env=environment)

    def tend(self) -> None:
        """Do what is due: start it again, or kill it when it hangs."""
        if self.process is None:
            if time.monotonic() >= self._due:
                self.start()
        elif self.process.poll() is not None:
            self._ended(child.sweep(self.process))
        elif self._hangs():
            self._say(f"gave no sign of life {self._denials} times in a row: killed")
            self._ended(child.sweep(self.process))

    def end(self) -> None:
        """End it, in an orderly way where it lets us."""
        if self.process is not None:
            code = child.end(self.process, self.program.stop_signal, self.program.stop_seconds)
            self._say(f"ended with {exit_words(code)}")
            self.process = None

    def _ended(self, code: int) -> None:
        lived = time.monotonic() - self._started
        self._failures = 1 if lived >= self._patience.steady else self._failures + 1
        pause = self._patience.pause(self._failures)
        self._due, self.process = time.monotonic() + pause, None
        self._say(f"ended with {exit_words(code)}; starts again in {pause:g} s")

    def _hangs(self) -> bool:
        if self.program.alive is None or time.monotonic() < self._ask_at:
            return False
        self._denials = 0 if self.program.alive() else self._denials + 1
        self._ask_at = time.monotonic() + self._patience.ask_every
        return self._denials >= self._patience.denials

    def _say(self, words: str) -> None:
        with self.log.open("a") as log:
            log.write(f"[{self.program.name} {words}]\n")
