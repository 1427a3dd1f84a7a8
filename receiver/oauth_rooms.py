"""How many browsers may wait here for others: what hangs holds few threads of the process.

That leaves threads for webhooks, by whichever store answers.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from integrations.oauth import rotation
from receiver.oauth_pages import Stopped

OF_A_SERVICE, OF_ALL, ASKING = 2, 3, 2
_rooms: dict[str, BoundedSemaphore] = {}
_all = BoundedSemaphore(OF_ALL)
_asking = BoundedSemaphore(ASKING)  # Postgres, before anything else


@contextmanager
def room(service: str) -> Iterator[None]:
    """Have a place meanwhile to connect what comes back from a service. Raises Stopped (busy)."""
    of_it = _rooms.setdefault(service, BoundedSemaphore(OF_A_SERVICE))
    with _place(of_it, "busy"), _place(_all, "busy"):
        yield


def check_keys() -> None:
    """Raise Locked if nothing should be encrypted, and Stopped if others wait for that answer."""
    with _place(_asking, "unavailable"):
        rotation.check_keys()


@contextmanager
def _place(places: BoundedSemaphore, why: str) -> Iterator[None]:
    if not places.acquire(blocking=False):
        raise Stopped(why)
    try:
        yield
    finally:
        places.release()
