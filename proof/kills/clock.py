"""The clock of every process steps back: what waits for a time waits so much longer, not more."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from proof.context import Context
from proof.kills.ground import Ground, ground, under_load
from proof.kills.points import shown

BACK = 20  # seconds
_LIBRARY = "vendor/libfaketime/src/libfaketime.so.1"


def library() -> Path | None:
    """Return the library that tells a process another time, None where it is not installed."""
    found = find_spec("libfaketime")
    path = Path(found.origin).parent / _LIBRARY if found and found.origin else None
    return path if path and path.exists() else None


@contextmanager
def wrong_clock(context: Context, told_by: Path) -> Iterator[tuple[Ground, Path]]:
    """Run a system whose clock is as much ahead as the file says that is given beside it."""
    with TemporaryDirectory(prefix="tallyman-clock-") as folder:
        Path(folder).chmod(0o711)  # the account of Postgres must pass through
        offset = Path(folder) / "offset"
        offset.write_text("+0")
        offset.chmod(0o644)
        with ground(context, _environment(told_by, offset)) as here:
            yield here, offset


def _environment(told_by: Path, offset: Path) -> Mapping[str, str]:
    return {
        "LD_PRELOAD": str(told_by),
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_NO_CACHE": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }


def step_back(here: Ground, offset: Path) -> tuple[str, str, str]:
    """Return the fault, and the seconds to the next event and to the last."""
    name = f"the clock steps back by {BACK} s"
    here.context.say(f"  {name}")
    with under_load(here, "clock", senders=2, pause=0.02):
        here.first_event()
        here.post(10, "flaky")
        offset.write_text(f"-{BACK}")
        first = here.first_event()
    last = here.recovered()
    if first is None or last is None:
        here.found("no recovery", name)
    return name, shown(first), shown(last)
