"""What others ask of the receiver: is it alive, can it accept now?"""

from flask import Flask, Response, jsonify
from redis.exceptions import RedisError

from receiver import store
from receiver.asking import Asking
from telemetry import describe, log
from worker import state

_log = log(__name__)
_asked = Asking()  # of its own: a scrape takes longer than a probe waits


def add_to(app: Flask) -> None:
    """Add /healthz and /readyz."""
    app.add_url_rule("/healthz", view_func=healthz)
    app.add_url_rule("/readyz", view_func=readyz)


def healthz() -> Response:
    """Answer that the process lives."""
    return jsonify(status="ok")


def readyz() -> tuple[Response, int]:
    """Answer whether deliveries can be accepted now: by either store."""
    (redis, seconds), postgres = _redis(), bool(_asked(state.postgres_answers))
    answer = jsonify(
        status="ready" if redis or postgres else "unavailable",
        redis="ok" if redis else "away or full: deliveries go to Postgres",
        postgres="ok" if postgres else "away: deliveries wait in Redis",
        beat=_beat(seconds),
        beat_seconds_ago=seconds,
    )
    return answer, 200 if redis or postgres else 503


def _beat(seconds: float | None) -> str:
    """Return how beat stands. Deliveries are accepted without it, so that is no unreadiness."""
    ticks = seconds is not None and seconds <= state.BEAT_LATE
    return "ok" if ticks else "away: nothing is synced"


def _redis() -> tuple[bool, float | None]:
    """Return whether Redis takes deliveries now, and the age of beat's last sign in it."""
    try:
        return (True, state.beat_age()) if store.ready() else (False, None)
    except RedisError as error:  # it answered a moment ago
        _log.warning("probe.redis", error=describe(error))
        return False, None
