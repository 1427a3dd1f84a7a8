"""Events that end their process, each in a batch with 63 innocents: these land, it alone dies."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial

from psutil import NoSuchProcess

from proof.kills.ground import Ground
from proof.kills.points import shown
from proof.load import event, send

INNOCENTS = 63  # and one: as many as a batch holds here
# three takings and four attempts, each until its lease is over, are that many recoveries
RECOVERIES = 3


def poison(ground: Ground, doings: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return for each: (what it does, seconds until the innocents landed, until it was dead)."""
    with _held(ground):
        batches = [_batch(ground, do) for do in doings]
    begun = time.monotonic()
    landed = [_seconds(ground, begun, partial(_handled, ground, ids)) for ids, _ in batches]
    died = [_seconds(ground, begun, partial(_dead, ground, killer)) for _, killer in batches]
    rows = list(zip(doings, landed, died, strict=True))
    for do, *seconds in rows:
        ground.kills[do] += 1
        if shown(None) in seconds:
            ground.found("no recovery", f"from a batch with {do}")
    return rows


def _seconds(ground: Ground, begun: float, what: Callable[[], bool]) -> str:
    if ground.stack.until(what, ground.patience * RECOVERIES) is None:
        return shown(None)
    return shown(time.monotonic() - begun)


@contextmanager
def _held(ground: Ground) -> Iterator[None]:
    """Hold the worker, so that it then takes whole batches."""
    held = ground.stack.family("worker")
    for process in held:
        process.suspend()
    try:
        yield
    finally:
        for process in held:
            with suppress(NoSuchProcess):
                process.resume()


def _batch(ground: Ground, do: str) -> tuple[list[str], str]:
    innocents = ground.post(INNOCENTS // 2)
    body = event(f"killer{next(ground.numbers)}", 1, do)
    send(ground.sender(), ground.journal, body)
    return innocents + ground.post(INNOCENTS - INNOCENTS // 2), body["id"]


def _handled(ground: Ground, ids: Sequence[str]) -> bool:
    return all(ground.status(id) == "handled" for id in ids)


def _dead(ground: Ground, id: str) -> bool:
    return "dead" in {ground.status(id), ground.status(ground.journal.unread[id])}
