"""Hostile input: all that an attacker can send, while real senders go on."""

from collections.abc import Iterable

from proof.context import Context
from proof.hostile import garbage, parsers, siege, strange, wire
from proof.hostile.answers import FORGERY
from proof.hostile.book import Book
from proof.hostile.door import Door
from proof.hostile.forgeries import Sound, forgeries
from proof.hostile.hunt import hunt
from proof.report import Part

NOTES = """\
The real senders open a connection for each request, at a steady rate, from a process of their own;
their times count from when a request was due. With and without are measured in turns. Attackers,
receiver, workers and stores share this machine's processors.

A 501 to a transfer coding that the server does not know is what RFC 9112 (6.1) asks for, and is no
error of the server.

No answer is due to a request that is broken off, nor where more is sent than is taken: the reset of
the connection may overtake the answer.

The signatures that others have published carry times of their own, so they are checked within the
process: see tests/integrations/test_corpus.py."""


def prove(context: Context, door: Door) -> Part:
    """Try to get in, to break and to fill the receiver and every parser; return what happened."""
    book, before = Book(), door.taken()
    context.say("parsers")
    parsers.fuzz(context, book, context.seconds * 0.15)
    context.say("raw HTTP")
    _raw(context, door, book, context.seconds * 0.15)
    context.say("forged signatures")
    forge(context, door, book)
    context.say("signed garbage")
    garbage.send(context, door, book, context.seconds * 0.15)
    context.say("crowds")
    tables = siege.besiege(context, door, book, context.seconds * 0.5)
    found = strays(before, door.taken(), book.signed)
    book.find(FORGERY, (f"in the tables, and signed by nobody: {body}" for body in found))
    return Part("Hostile input", book.counts(), [*book.tables(), *tables], [NOTES], book.findings)


def _raw(context: Context, door: Door, book: Book, seconds: float) -> None:
    def send(sent: bytes) -> None:
        attempt = strange.attempt(sent)
        book.enter(attempt, wire.exchange(door.address, attempt.sent))

    for known in strange.KNOWN:
        send(known)
    hunt(strange.streams, send, context.dice("raw HTTP"), seconds)


def forge(context: Context, door: Door, book: Book) -> None:
    """Try every forgery at every address."""
    dice = context.dice("forgeries")
    for at, secret in door.secrets.items():
        body = b'{"id":"evt_forged_%x","type":"invoice.paid"}' % dice.getrandbits(64)
        others = [other for other in door.secrets.values() if other != secret]
        for attempt in forgeries(Sound(at, secret, body), others):
            book.enter(attempt, wire.exchange(door.address, attempt.sent))


def strays(before: Iterable[str], after: Iterable[str], signed: set[str]) -> set[str]:
    """Return the digests of the bodies that got in meanwhile, and were signed by nobody."""
    return set(after) - set(before) - signed
