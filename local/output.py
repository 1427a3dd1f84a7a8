"""Turns the logs of several programs into one stream, each line under its program's name."""

from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path
from typing import TextIO

LONGEST_LOG = 64 * 1024 * 1024
COLOURS = (36, 33, 32, 35, 34, 96, 93, 92, 95, 94)  # as in ESC [ 36 m

Show = Callable[[str, str], None]


class Tail:
    """Reads the lines that are new in a growing file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._place = 0
        self._unfinished = b""

    def lines(self) -> list[str]:
        """Return the lines completed since the last call."""
        with self._path.open("rb") as file:
            file.seek(self._place)
            text = self._unfinished + file.read()
            self._place = file.tell()
        self._cut()
        *lines, self._unfinished = text.split(b"\n")
        return [line.decode(errors="replace") for line in lines]

    def _cut(self) -> None:
        # Nobody watches over the disk while `tallyman up` runs for weeks.
        if self._place > LONGEST_LOG:
            self._path.write_bytes(b"[the log was cut here: it had grown too long]\n")
            self._place = 0


def printer(names: Sequence[str], stream: TextIO, *, colour: bool) -> Show:
    """Return what writes a line to `stream` behind its padded, perhaps coloured, name."""
    width = max(map(len, names), default=0)
    paint = dict(zip(names, cycle(COLOURS), strict=False))

    def show(name: str, line: str) -> None:
        label = f"{name:<{width}} |"
        stream.write(
            f"\x1b[{paint[name]}m{label}\x1b[0m {line}\n" if colour else f"{label} {line}\n"
        )
        stream.flush()

    return show
