"""Note whom the door was shut to: never a body, a signature or the value of a header."""

import time
from collections.abc import Callable

from flask import Request
from redis.exceptions import RedisError

from receiver.signature_doctor import Finding
from receiver.store import line
from telemetry import describe, log
from worker.refused import listed

_MOST = 1000
_PER_SECOND = 20  # a flood is counted by the metric, not listed

_log = log(__name__)
_second, _noted = 0, 0


def note(
    service: str,
    endpoint: str,
    reason: str,
    request: Request,
    size: int,
    *,
    examined: Callable[[], Finding] = Finding,
) -> None:
    """Append a refusal to the list that `tallyman events refused` shows, unless too many come.

    `examined` says why, and is asked only of those that are noted.
    """
    if _too_many():
        return
    finding = examined()
    entry = {
        "service": service,
        "endpoint": endpoint,
        "reason": reason,
        "address": request.remote_addr or "",
        "headers": ",".join(sorted(name.lower() for name, _ in request.headers))[:1000],
        "size": size,
        "finding": finding.word,
        "of": finding.of,
        "number": finding.number,
    }
    try:
        line.note(listed(service, reason), entry, _MOST)
    except RedisError as error:
        _log.warning("refusal.unnoted", service=service, reason=reason, error=describe(error))


def _too_many() -> bool:
    global _second, _noted
    now = int(time.monotonic())
    _second, _noted = now, (_noted + 1 if now == _second else 1)
    return _noted > _PER_SECOND
