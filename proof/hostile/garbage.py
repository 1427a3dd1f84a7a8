"""Garbage that is properly signed: it is let in, and settles in the ledger with its bytes."""

import time
from collections.abc import Sequence
from functools import partial

from proof.context import Context
from proof.hostile import settled, strange, wire
from proof.hostile.answers import Answer, Try, is_honest
from proof.hostile.book import Book
from proof.hostile.door import Door, digest
from proof.hostile.hunt import hunt
from proof.hostile.signing import signed

REFUSED, TURNED_AWAY = "signed body refused", "signed body turned away"
_PAUSES = [0, 0.5, 0.5, 1, 2]  # seconds before it is sent, and again after an honest 503


def send(context: Context, door: Door, book: Book, seconds: float) -> None:
    """Send garbage to every address until the time is up: the corners always."""
    for at in door.secrets:
        check = partial(_send, door, book, at)
        for corner in strange.CORNERS:
            check(corner)
        hunt(strange.bodies, check, context.dice(f"garbage {at}"), seconds / len(door.secrets))


def _send(door: Door, book: Book, at: str, body: bytes) -> None:
    headers = signed(at, door.secrets[at], body, id=f"msg_{digest(body)[:24]}")
    sent = wire.request(f"/webhooks/{at}", headers, body)
    book.sign(body)  # before it is sent: it may get in, and the answer be lost
    answers = _answers(door, book, Try("signed garbage", sent, signed=True))
    if any(answer.status == 202 for answer in answers):
        book.accepted[digest(body)] = _kind(body)
    elif any(is_honest(answer) for answer in answers):
        book.find(TURNED_AWAY, [f"{len(_PAUSES)} times: {body[:200]!r}"])
    elif answers and _is_text(body):  # the services' own libraries verify nothing but text
        book.find(REFUSED, [f"{[answer.status for answer in answers]} to {body[:200]!r}"])


def _answers(door: Door, book: Book, tried: Try) -> Sequence[Answer]:
    """Return the answers, the last ones where the door asked to come again."""
    answers: Sequence[Answer] = []
    for pause in _PAUSES:
        time.sleep(pause)
        answers = wire.exchange(door.address, tried.sent)
        book.enter(tried, answers)
        if not any(is_honest(answer) for answer in answers):
            break
    return answers


def _kind(body: bytes) -> str:
    return settled.UNREADABLE if settled.is_surely_unreadable(body) else settled.GARBAGE


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
