"""Ring doorbells beside the requests: nobody who delivers waits for Celery."""

import os
import threading

from telemetry import describe, log
from worker import bell

_log = log(__name__)


class Ringer:
    """A thread that sends the doorbells asked for; those asked for meanwhile become one."""

    def __init__(self) -> None:
        self._asked: set[str] = set()
        self._wake = threading.Event()
        self._starting = threading.Lock()
        self._pid = 0

    def ring(self, task: str) -> None:
        """Have the task sent soon. Never fails: upkeep rings for what was not rung for."""
        self._asked.add(task)
        self._wake.set()
        if self._pid != os.getpid():  # threads do not survive the fork of a server's process
            self._start()

    def _start(self) -> None:
        with self._starting:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                threading.Thread(target=self._run, name="ringer", daemon=True).start()

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            while self._asked:
                self._ring(self._asked.pop())

    def _ring(self, task: str) -> None:
        try:
            bell.ring(task)
        except Exception as error:  # noqa: BLE001  a ringer that ends would ring for nobody
            _log.error("ringer.failed", task=task, error=describe(error))
