"""Leave a service alone, without losing anything, and go on with it."""

from integrations import INTEGRATIONS
from integrations.targets import TARGETS
from worker import bell, inbox

NAMES = tuple(dict.fromkeys([*INTEGRATIONS, *TARGETS]))


def pause(service: str) -> None:
    """Apply none of its events and send it no effects: all of them wait in Postgres."""
    inbox.pause(service)


def resume(service: str) -> None:
    """Go on, with what waited first."""
    inbox.resume(service)
    if service in INTEGRATIONS:
        bell.ring(f"{service}.drain")
        bell.ring(f"{service}.retry")
    if service in TARGETS:
        bell.ring(f"{service}.deliver")
