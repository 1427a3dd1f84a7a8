"""What Redis may forget when it is killed: nothing with `always`, seconds with `everysec`."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from proof import checker
from proof.kills.faults import STORES
from proof.kills.ground import Ground, under_load
from proof.kills.storm import befall
from proof.load import Journal

KILLS = 3
_MIB = 2**20
_REDIS_KILLED = STORES[0]


def losses(here: Ground, fsync: str) -> tuple[str, int, int]:
    """Kill Redis under load beside a busy disk; return (appendfsync, accepted, lost)."""
    here.context.say(f"  appendfsync {fsync}, beside a busy disk")
    here.journal = Journal()  # what is lost here is counted apart
    with _busy_disk(here.stack.folder), under_load(here, fsync, senders=2, pause=0.005):
        for _ in range(KILLS):
            with here.stack.redis() as redis:
                redis.config_set("appendfsync", fsync)
            here.stack.wait(3)
            befall(here, _REDIS_KILLED)
            here.first_event()
    if here.recovered() is None:
        here.found("no recovery", f"with appendfsync {fsync}")
    verdict = checker.verdict(here.seen, here.journal.told())
    return fsync, verdict.accepted, len(verdict.lost)


@contextmanager
def _busy_disk(folder: Path) -> Iterator[None]:
    """Keep the disk busy, as a neighbour may: an fsync then takes long."""
    stopped = Event()
    writers = [Thread(target=_write, args=(folder / f"busy{n}", stopped)) for n in range(1)]
    for writer in writers:
        writer.start()
    try:
        yield
    finally:
        stopped.set()
        for writer in writers:
            writer.join()


def _write(path: Path, stopped: Event) -> None:
    while not stopped.is_set():
        with path.open("wb") as file:
            for _ in range(16):
                file.write(os.urandom(_MIB))
            os.fsync(file.fileno())
    path.unlink(missing_ok=True)
