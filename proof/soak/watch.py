"""Reads the running system again and again, beside whatever is done to it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from proof.soak.readings import readings
from proof.soak.series import Sample
from proof.stack import Stack


@contextmanager
def watched(stack: Stack, every: float) -> Iterator[list[Sample]]:
    """Yield the samples, which grow meanwhile; times are in seconds from the start."""
    samples: list[Sample] = []
    begun, stopped = time.monotonic(), threading.Event()

    def watch() -> None:
        while not stopped.wait(every):
            samples.append((time.monotonic() - begun, readings(stack)))

    thread = threading.Thread(target=watch, name="watch", daemon=True)
    thread.start()
    try:
        yield samples
    finally:
        stopped.set()
        thread.join(60)
