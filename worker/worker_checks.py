"""Whether the processes that run fit the settings, and each other: for `tallyman doctor`."""

from collections.abc import Iterator, Mapping
from contextlib import suppress

from redis.exceptions import RedisError

from integrations import INTEGRATIONS
from integrations.targets import TARGETS
from settings import settings
from worker import state
from worker.checks import Finding, verdict
from worker.inbox import redis
from worker.signs import Sign, signs


def findings() -> Iterator[Finding]:
    """Yield what concerns beats and workers; nothing while Redis, who knows, is away."""
    with suppress(RedisError):
        yield from _beats(state.beats())
        found = signs()
        if not found:
            yield Finding("off", "no worker gave a sign of life in the last seconds")
            return
        yield Finding("ok", f"{len(found)} worker(s): {', '.join(found)}")
        yield from (*_unserved(found), *_pools(found), *_settings(found), *_stale())


def _beats(names: list[str]) -> Iterator[Finding]:
    if len(names) > 1:
        what = f"{len(names)} beats run: {', '.join(names)}"
        yield Finding("warn", what, "end all but one: nothing runs twice for it, but one is enough")


def _queues() -> set[str]:
    """Return the queues that somebody must consume."""
    owners = {*INTEGRATIONS, *TARGETS, "oauth", "alerts"}
    return {*INTEGRATIONS, *(f"{owner}.work" for owner in owners), "upkeep"}


def _unserved(found: Mapping[str, Sign]) -> Iterator[Finding]:
    """Yield the queues that nobody consumes: what is rung for there waits for ever."""
    served = {queue for sign in found.values() for queue in sign.queues}
    lacking = sorted(_queues() - served)
    yield verdict(
        not lacking,
        "every queue has a worker" if not lacking else f"no worker takes {', '.join(lacking)}",
        "start the workers with the queues that the Procfile names",
    )


def _pools(found: Mapping[str, Sign]) -> Iterator[Finding]:
    """Yield who drains in threads: no time limit reaches a thread, and a drain must have one."""
    for name, sign in found.items():
        drains = sorted({*INTEGRATIONS, "upkeep"} & set(sign.queues))
        if sign.pool == "threads" and drains:
            mend = "start it without --pool threads, or with the queues <service>.work only"
            yield Finding("warn", f"{name} takes {', '.join(drains)} in threads", mend)
        if sign.prefetch != 1:
            mend = "start it without --prefetch-multiplier: what it hoards others could do"
            yield Finding("warn", f"{name} takes {sign.prefetch} tasks ahead", mend)
        if sign.late:
            mend = "leave task_acks_late off: a doorbell that comes twice only costs time"
            yield Finding("warn", f"{name} acknowledges late", mend)


def _settings(found: Mapping[str, Sign]) -> Iterator[Finding]:
    """Yield who runs by other times than are set: it was not started again since."""
    inbox = settings().inbox
    now = (inbox.soft_limit_seconds, inbox.hard_limit_seconds, inbox.visibility_timeout_seconds)
    for name, sign in found.items():
        if tuple(sign.budgets) != now:
            shown = " < ".join(f"{one:g}" for one in sign.budgets)
            what = f"{name} runs by limits of {shown} s, which are not those that are set"
            yield Finding("warn", what, "start it again, with the same settings as the others")


def _stale() -> Iterator[Finding]:
    """Yield whether messages wait that carry a time: past the visibility timeout they run twice."""
    held = redis().zcard("unacked_index")
    limit = 100 * max(1, len(INTEGRATIONS))
    yield verdict(
        held <= limit,
        f"{held} Celery message(s) are taken and not acknowledged",
        "somebody sends tasks with a countdown here: give Tallyman a Redis of its own",
    )
