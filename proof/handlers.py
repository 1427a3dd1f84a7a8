"""The handlers of the system under proof: they write a row for each event, and do what it says."""

import ctypes
import os
import signal
from collections.abc import Callable, Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from integrations.effects import Effect
from integrations.errors import Permanent, Transient
from integrations.interface import Event
from integrations.targets import TARGETS

_APPLIED = text("INSERT INTO public.proof_applied (id, attempt) VALUES (:id, :attempt)")


def _flaky(event: Event) -> None:
    if event.attempt == 1:
        raise Transient("not at the first attempt")


def _poison(_event: Event) -> None:
    raise Permanent("never")


def _exit(_event: Event) -> None:
    os._exit(3)


def _crash(_event: Event) -> None:
    ctypes.string_at(0)  # a null pointer, as a broken C extension follows it


def _out_of_memory(_event: Event) -> None:
    os.kill(os.getpid(), signal.SIGKILL)  # what the kernel does to who takes too much


KILLERS: dict[str, Callable[[Event], None]] = {
    "exit": _exit,
    "crash": _crash,
    "out of memory": _out_of_memory,
}
DOINGS = {"flaky": _flaky, "poison": _poison, **KILLERS}
TELL = "tell"


def apply(session: Session, event: Event) -> Iterator[Effect]:
    """Write the event's row, then do what its object's metadata asks for."""
    session.execute(_APPLIED, {"id": event.id, "attempt": event.attempt})
    asked = event.snapshot.object["metadata"].get("do", "")
    if do := DOINGS.get(asked):
        do(event)
    if asked == TELL and TARGETS["loops"].on():
        told = {"eventName": "applied", "userId": event.id}
        yield Effect(target="loops", action="event", payload=told)


HANDLERS = {"stripe": {"customer.subscription.updated": apply}}
