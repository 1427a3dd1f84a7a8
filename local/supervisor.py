"""Runs programs side by side: starts them, keeps them running, and ends them in order."""

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO

from local.output import Show, Tail, printer
from local.program import Patience, Program, Run

BEAT_SECONDS = 0.1


class Supervisor:
    """The programs and their logs, `<folder>/<name>.log`.

    There is no thread behind it: nothing is restarted or shown but by poll(), and the programs
    write into their logs by themselves whether anybody reads or not.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        folder: Path,
        *,
        show: Show | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._show = show
        self._runs = {
            program.name: Run(program, folder / f"{program.name}.log", patience or Patience())
            for program in programs
        }
        self._tails = {name: Tail(run.log) for name, run in self._runs.items()}

    def start(self) -> None:
        """Start all, in their order, each with an empty log. Raises OSError for a bad command."""
        for run in self._runs.values():
            run.log.parent.mkdir(parents=True, exist_ok=True)
            run.log.write_bytes(b"")
        with ExitStack() as undo:
            undo.callback(self.stop)
            for run in self._runs.values():
                run.start()
            undo.pop_all()

    def poll(self) -> None:
        """Start again what ended or hangs, and show what was said since the last call."""
        for run in self._runs.values():
            run.tend()
        self._show_news()

    def stop(self) -> None:
        """End all, the last one first, and show what they said at the end."""
        with ExitStack() as stack:
            stack.callback(self._show_news)
            for run in self._runs.values():
                stack.callback(run.end)

    def log(self, name: str) -> Path:
        """Return the file with all that a program said."""
        return self._runs[name].log

    def pid(self, name: str) -> int | None:
        """Return the pid that a program has now; None between its end and its next start."""
        process = self._runs[name].process
        return process.pid if process else None

    def _show_news(self) -> None:
        if self._show is not None:
            for name, tail in self._tails.items():
                for line in tail.lines():
                    self._show(name, line)


@contextmanager
def running(
    programs: Sequence[Program],
    folder: Path,
    *,
    show: Show | None = None,
    patience: Patience | None = None,
) -> Iterator[Supervisor]:
    """Give a started Supervisor, and stop it afterwards; call its poll() for it to do its work."""
    supervisor = Supervisor(programs, folder, show=show, patience=patience)
    supervisor.start()
    try:
        yield supervisor
    finally:
        supervisor.stop()


def supervise(
    programs: Sequence[Program],
    folder: Path,
    *,
    stream: TextIO | None = None,
    colour: bool | None = None,
    patience: Patience | None = None,
) -> None:
    """Run `programs` until SIGINT, SIGTERM or SIGHUP; their lines go to `stream` or stdout.

    Coloured where `stream` is a terminal, unless `colour` says otherwise. Raises OSError for a
    bad command.
    """
    stream = stream or sys.stdout
    names = [program.name for program in programs]
    show = printer(names, stream, colour=stream.isatty() if colour is None else colour)
    with _asked_to_stop() as asked, running(programs, folder, show=show, patience=patience) as all_:
        while not asked.wait(BEAT_SECONDS):
            all_.poll()


@contextmanager
def _asked_to_stop() -> Iterator[threading.Event]:
    asked = threading.Event()
    kept = {
        number: signal.signal(number, lambda *_: asked.set())
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield asked
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
