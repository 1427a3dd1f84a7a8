"""Named places at which the proof of the promises ends a process. Otherwise they are nothing.

With the setting FAULT_POINTS a process that reaches a point takes the file of that name out of that
folder, and ends by SIGKILL if there was one: each file ends one process.
"""

import os
import signal
from pathlib import Path

from settings import settings
from telemetry import log

_folder = settings().proof.fault_points
if _folder:
    log(__name__).critical("fault_points.armed", folder=_folder)

POINTS = (
    "receiver.added",  # after XADD, before the ring
    "receiver.fallen",  # in the ledger, before the answer
    "drain.taken",  # before the transaction
    "drain.written",  # inside it
    "drain.committed",  # before the acknowledgement
    "drain.reclaimed",  # what a dead process held is ours now
    "drain.handed_on",  # taken too often: in the ledger, not out of the stream yet
    "drain.leased",  # fallen-back deliveries, before the transaction
    "retry.leased",  # before the attempt
    "retry.written",  # inside its transaction
    "redrive.moving",  # inside the transaction
    "redrive.moved",  # before the ring
    "canary.written",  # a step of a redrive, inside the transaction
    "canary.committed",  # before the ring
    "dead_queue.built",  # before it takes the old one's place
    "deliver.leased",  # before the call
    "deliver.called",  # between the call and the mark
    "deliver.settled",  # with others left to do
    "archive.stored",  # in the archive, before the bodies leave their rows
    "pull.kept",  # in the ledger, before the queue hears of it
    "sync.asked",  # a page is here, before it is written
    "oauth.marked",  # a refresh was begun, nothing is asked yet
    "oauth.exchanged",  # the new tokens are here, and nowhere else
    "sync.committed",  # written with its cursor, before the next is asked for
)


def _nothing(_name: str) -> None:
    """Do what a normal run does here."""


def _end(name: str) -> None:
    try:
        (Path(_folder) / name).unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


reach = _end if _folder else _nothing
