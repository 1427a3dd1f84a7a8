"""What Redis forgets when it is killed while its disk is slow: on demand, with root's rights.

With `appendfsync everysec` Redis answers before an entry is written whenever the last fsync still
runs: the slower the disk, the more is accepted that a kill can take away.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from proof import checker
from proof.context import Context
from proof.kills.faults import STORES
from proof.kills.ground import Ground, ground, under_load
from proof.kills.storm import befall
from proof.load import Journal
from proof.report import Finding, Part, Table

TITLE = "What appendfsync decides"
KILLS = 3
BYTES_A_SECOND = 300_000
_CGROUPS = Path("/sys/fs/cgroup/blkio")  # version 1: buffered writes of an fsync count there
_REDIS_KILLED = STORES[0]


def parts(context: Context, _services: Sequence[str]) -> Iterator[Part]:
    """Yield the one part."""
    if not os.access(_CGROUPS, os.W_OK):
        yield Part(TITLE, notes=["Not done: there is no blkio cgroup here to slow the disk with."])
        return
    with ground(context) as here, _slow(here.stack.folder) as tasks:
        rows = [_losses(here, fsync, tasks) for fsync in ("always", "everysec")]
        table = Table(["appendfsync", "kills of Redis", "accepted", "lost"], rows)
        lost = [Finding("lost", f"{rows[0][3]} with always")] if rows[0][3] else []
        note = f"Redis alone may write {BYTES_A_SECOND} bytes a second. `always` may lose nothing."
        yield Part(TITLE, {}, [table], [note], [*here.findings, *lost])


def _losses(here: Ground, fsync: str, tasks: Path) -> tuple[str, int, int, int]:
    here.context.say(f"  appendfsync {fsync}, on a slow disk")
    here.journal = Journal()
    for _ in range(KILLS):
        with here.stack.redis() as redis:
            redis.config_set("appendfsync", fsync)
        with under_load(here, fsync, senders=2, pause=0.002):
            tasks.write_text(str(here.stack.stores.redis.process.pid))
            here.stack.wait(5)
            befall(here, _REDIS_KILLED)
        here.first_event()
    if here.recovered() is None:
        here.found("no recovery", f"with appendfsync {fsync}")
    verdict = checker.verdict(here.seen, here.journal.told())
    return fsync, KILLS, verdict.accepted, len(verdict.lost)


@contextmanager
def _slow(folder: Path) -> Iterator[Path]:
    """Give the file that a process is named in whose writes to the folder's disk shall be slow."""
    device = folder.stat().st_dev
    group = _CGROUPS / f"tallyman-proof-{os.getpid()}"
    group.mkdir()
    try:
        limit = f"{os.major(device)}:{os.minor(device)} {BYTES_A_SECOND}"
        (group / "blkio.throttle.write_bps_device").write_text(limit)
        yield group / "cgroup.procs"
    finally:
        group.rmdir()  # by now nobody is in it: Redis has been killed, and started anew
