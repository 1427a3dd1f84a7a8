"""Garbage that is properly signed: it is let in, and ends dead in the ledger with its bytes."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial

from integrations import INTEGRATIONS
from integrations.errors import Unreadable
from integrations.interface import Delivery
from proof.context import Context
from proof.hostile import strange, wire
from proof.hostile.answers import Attempt
from proof.hostile.book import Book
from proof.hostile.door import Door, digest
from proof.hostile.hunt import hunt
from proof.hostile.parsers import CRASHED

REFUSED = "signed body refused"
UNSETTLED = {"waiting", "received", "retrying"}
PATIENCE = 60.0  # seconds, for the workers


def send(context: Context, door: Door, book: Book, seconds: float) -> None:
    """Send garbage to every address until the time is up, and see where it ends."""
    unreadable: set[str] = set()
    for at in door.secrets:
        check = partial(_send, door, book, unreadable, at)
        hunt(strange.bodies, check, context.dice(f"garbage {at}"), seconds / len(door.secrets))
    statuses = _settled(door, unreadable)
    wrong = {body: status for body, status in statuses.items() if status != "dead"}
    book.find(CRASHED, [f"signed garbage {b} is {status}, not dead" for b, status in wrong.items()])


def _send(door: Door, book: Book, unreadable: set[str], at: str, body: bytes) -> None:
    headers = wire.signed(at, door.secrets[at], body)
    attempt = Attempt("signed garbage", wire.request(f"/webhooks/{at}", headers, body), signed=True)
    answers = wire.exchange(door.address, attempt.sent)
    book.enter(attempt, answers)
    if any(answer.status == 202 for answer in answers):
        book.sign(body)
        if not _is_readable(at, body):
            unreadable.add(digest(body))
    elif _is_text(body):  # the services' own libraries verify nothing but text
        book.find(REFUSED, [f"{[answer.status for answer in answers]} to {body[:200]!r}"])


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_readable(at: str, body: bytes) -> bool:
    service = at.partition("/")[0]
    try:
        INTEGRATIONS[service].read(
            Delivery(service, "", body, {"svix-id": "msg_1"}, datetime.now(UTC))
        )
    except Unreadable:
        return False
    return True


def _settled(door: Door, bodies: set[str]) -> Mapping[str, str]:
    """Return the status of each body once the workers are done with all, or late."""
    give_up = time.monotonic() + PATIENCE
    while True:
        taken = door.taken()
        found = {body: taken.get(body, "lost") for body in bodies}
        if UNSETTLED.isdisjoint(found.values()) or time.monotonic() > give_up:
            return found
        time.sleep(0.2)
