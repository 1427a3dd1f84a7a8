"""Questions to Postgres that no probe waits for longer than the one before it."""

import threading
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from telemetry import describe, log

Found = TypeVar("Found")
_log = log(__name__)


class Asking:
    """Asks one question at a time: a Postgres that hangs holds one thread of each, not all."""

    def __init__(self) -> None:
        self._busy = threading.Lock()

    def __call__(self, postgres: Callable[[], Found]) -> Found | None:
        """Return what Postgres says, None if it is away, or hangs on the question before this."""
        if not self._busy.acquire(blocking=False):
            return None
        try:
            return postgres()
        except SQLAlchemyError as error:
            _log.warning("probe.postgres", error=describe(error))
            return None
        finally:
            self._busy.release()
