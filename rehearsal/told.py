"""The simulated services, as seen from outside: their process, and what it is told."""

import json
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from settings import ROOT

JSON = dict[str, Any]


class SilentError(Exception):
    """The process of the services has ended."""


@dataclass(frozen=True, slots=True)
class Told:
    """The process of the services."""

    process: subprocess.Popen[str]

    def __call__(self, word: str, **values: Any) -> JSON:
        """Tell it to do something; return what it answers when that is done. Raises SilentError."""
        self.begin(word, **values)
        return self.answer()

    def begin(self, word: str, **values: Any) -> None:
        """Tell it to do something; `answer` waits until that is done."""
        assert self.process.stdin  # noqa: S101  made so
        self.process.stdin.write(json.dumps([word, values]) + "\n")
        self.process.stdin.flush()

    def answered(self) -> bool:
        """Return whether it has answered, or ended."""
        assert self.process.stdout  # noqa: S101  made so
        return bool(select.select([self.process.stdout], [], [], 0)[0])

    def answer(self) -> JSON:
        """Return what it answers. Raises SilentError."""
        assert self.process.stdout  # noqa: S101  made so
        line = self.process.stdout.readline()
        if not line:
            raise SilentError("the simulated services have ended")
        found: JSON = json.loads(line)
        return found


@contextmanager
def services(customers: int, seed: int, behind: int) -> Iterator[Told]:
    """Run the services meanwhile; their clocks are so many seconds `behind`."""
    numbers = map(str, (customers, seed, behind))
    command = [sys.executable, "-m", "rehearsal.services", *numbers]
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield Told(process)
    finally:
        process.kill()  # it keeps nothing
        process.communicate()
