"""A process ends exactly here: each fault point once and again, with what leads to it."""

from collections.abc import Callable

from proof.handlers import TELL
from proof.kills.ground import Ground

BURST = 30


def _events(ground: Ground) -> None:
    ground.post(BURST)


def _flaky(ground: Ground) -> None:
    ground.post(BURST, "flaky")


def _poison(ground: Ground) -> None:
    ground.post_one("poison")


def _falling(ground: Ground) -> None:
    """Send past Redis, as for a service that is paused, then have it drained."""
    killing = not ground.stack.struck("receiver.fallen")  # the one that notices may be killed
    ground.stack.tallyman("pause", "stripe")
    ground.stack.until(lambda: _falls(ground, killing=killing), ground.patience)
    ground.post(BURST)
    ground.stack.tallyman("resume", "stripe")


def _falls(ground: Ground, *, killing: bool) -> bool:
    (id,) = ground.post(1) or [""]  # its receiver may have been killed
    return ground.status(id) == "received" or (killing and ground.stack.struck("receiver.fallen"))


def _reclaimed(ground: Ground) -> None:
    ground.stack.arm("drain.taken")
    ground.post(BURST)


def _killer(ground: Ground) -> None:
    ground.post_one("exit")


def _redriven(ground: Ground) -> None:
    id = ground.post_one("poison")
    ground.stack.until(lambda: ground.status(id) == "dead", ground.patience)
    ground.stack.tallyman("dead-letters", "redrive", "--id", id)


def _telling(ground: Ground) -> None:
    ground.calm()  # what was in hand at too many ends of the worker of retries would be called dead
    ground.post(BURST, TELL)


# In the order in which they are struck: while the worker of retries recovers, others are killed.
# What leads to `drain.handed_on` ends it again and again: by then nothing else is in its hands.
LEADS_TO: dict[str, Callable[[Ground], None]] = {
    "receiver.added": _events,
    "drain.taken": _events,
    "drain.written": _events,
    "deliver.leased": _telling,
    "drain.committed": _events,
    "drain.reclaimed": _reclaimed,
    "deliver.called": _telling,
    "deliver.settled": _telling,
    "retry.leased": _flaky,
    "retry.written": _flaky,
    "drain.handed_on": _killer,
    "receiver.fallen": _falling,
    "redrive.moving": _redriven,
    "redrive.moved": _redriven,
    "dead_queue.built": _poison,
    "drain.leased": _falling,
}


def strike(ground: Ground, point: str, *, settle: bool = True) -> tuple[str, str, str]:
    """End a process at the point; return (point, seconds to the next event, and to the last).

    Without `settle` the last is not waited for.
    """
    ground.context.say(f"  {point}")
    ground.stack.arm(point)
    LEADS_TO[point](ground)
    if ground.stack.until(lambda: ground.stack.struck(point), ground.patience) is None:
        ground.found("point never reached", point)
        ground.stack.disarm(point)
        ground.recovered()
        return point, "-", "-"
    ground.kills[point] += 1
    first, last = ground.first_event(), ground.recovered() if settle else 0.0
    if first is None or last is None:
        ground.found("no recovery", f"after a kill at {point}")
    return point, shown(first), shown(last)


def shown(seconds: float | None) -> str:
    """Return seconds as the report shows them."""
    return "never" if seconds is None else f"{seconds:.1f}"
