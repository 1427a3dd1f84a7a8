"""The heartbeat of a worker's main process: ticks the upkeep, says "alive", ends what hangs.

Celery 5.7's main process can hang after a Redis outage. No supervisor sees that from outside, so
the process asks itself, through Redis, and exits if it does not hear its own question.
"""

import os
import threading
import time
from collections.abc import Callable
from typing import Any

from redis.exceptions import ConnectionError, TimeoutError  # noqa: A004  the library's names

from telemetry import describe, log
from worker import bell
from worker.inbox import redis

TICK = "tallyman:tick"
WATCH = "tallyman:watch"
ALIVE = "tallyman:alive:"
BEAT = "tallyman:beat"
BEATS = "tallyman:beats"
"""Each beat of the last hour, by when it last had something run."""
_ALIVE_FOR = 15  # seconds
_QUESTION_EVERY = 5  # seconds
_WATCH_EVERY = 60  # seconds; only where upkeep is not looked after
_UNHEARD = 4  # questions in a row

_log = log(__name__)


def start(hostname: str, stuck: Callable[[], bool], sign: str = "") -> None:
    """Start the thread that beats; it ends with the process, or ends the process.

    `sign` is what it says of itself: see worker/signs.py.
    """
    threading.Thread(target=_beat, args=(hostname, stuck, sign), name="pulse", daemon=True).start()


def _beat(hostname: str, stuck: Callable[[], bool], sign: str) -> None:
    asked, unheard = time.monotonic(), 0
    while unheard < _UNHEARD and not stuck():
        time.sleep(1)
        try:
            _tick(hostname, sign)
            if time.monotonic() - asked >= _QUESTION_EVERY:
                unheard = 0 if hears(hostname) else unheard + 1
                asked = time.monotonic()
        except (ConnectionError, TimeoutError) as error:
            unheard = 0  # while Redis is away nobody can hear
            _log.warning("pulse.missed", error=describe(error))
        except Exception as error:  # noqa: BLE001  a pulse that stops would watch over nothing
            _log.error("pulse.failed", error=describe(error))
    _log.critical("pulse.hung", hostname=hostname, unheard=unheard)
    os._exit(70)


def _tick(hostname: str, sign: str) -> None:
    """Say that this process lives; whoever comes first in a second rings for the upkeep."""
    redis().set(f"{ALIVE}{hostname}", sign, ex=_ALIVE_FOR)
    if redis().set(TICK, hostname, nx=True, px=900):
        bell.ring("upkeep.tick")
    if redis().set(WATCH, hostname, nx=True, px=_WATCH_EVERY * 1000):
        bell.ring("alerts.watch")


def hears(hostname: str) -> bool:
    """Return whether the worker of that name answers, itself included."""
    try:
        answers: Any = bell.app().control.ping(destination=[hostname], timeout=5)
    except Exception as error:  # noqa: BLE001  kombu raises many classes; unasked is unheard
        _log.warning("pulse.unasked", error=describe(error))
        return False
    return bool(answers)
