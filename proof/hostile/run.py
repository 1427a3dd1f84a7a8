"""Hostile input: all that an attacker can send, while real senders go on."""

from collections.abc import Iterable, Sequence

from proof.context import Context
from proof.hostile import garbage, parsers, settled, siege, strange, wire
from proof.hostile.answers import FORGERY
from proof.hostile.book import Book
from proof.hostile.door import Door
from proof.hostile.forgeries import Sound, forgeries
from proof.hostile.hunt import hunt
from proof.hostile.watch import Watch, check_ours
from proof.report import Part, Table

NOTES = """\
The real senders open a connection for each request, at a steady rate, from a process of their own;
their times count from when a request was due. With and without are measured in turns. Attackers,
receiver, workers and stores share this machine's processors.

A 501 to a transfer coding that the server does not know is what RFC 9112 (6.1) asks for, and is no
error of the server.

No answer is due to a request that is broken off, nor where more is sent than is taken: the reset of
the connection may overtake the answer.

The flood of forgeries comes without a pause, at most a thousand of it connected and not yet
speaking; some two thousand stood there at the same moment when that was counted. Each is due an
answer if all of its request had gone out while the connection stood: what is then closed or silent
is an error of the server. One whose connection could not be opened (the kernel's queue of new ones
is full), or had ended before all had gone out, is counted as "not sent", and is none.

Of the forgeries all at once, ten thousand connect before the first one speaks. Those are more than
the receiver holds, and when it is full it spares who is silent for a second only: no answer is due,
but they must not get in, nor keep the real senders out.

An honest 503 asks to come again. Signed garbage does. Real senders are counted by it, and more than
five, or than one in a thousand, are a finding: both stores are up all the while.

All that was answered 202 is looked for by its digest in streams and ledger, at the end: a real
event must be handled, what cannot be an event (no JSON object with a type: judged here, not by the
product) must be dead, other signed garbage must be settled one way or another.

The signatures that others have published carry times of their own, so they are checked within the
process: see tests/integrations/test_corpus.py."""


def prove(context: Context, door: Door) -> Part:
    """Try to get in, to break and to fill the receiver and every parser; return what happened.

    Raises NotOursError: nobody else's receiver is attacked.
    """
    check_ours(door)
    book, before, seconds = Book(), door.taken(), context.seconds
    watch = Watch(door, book)
    context.say("parsers")
    parsers.fuzz(context, book, seconds * 0.15)
    context.say("raw HTTP")
    _raw(context, door, book, seconds * 0.15)
    watch.look("raw HTTP")
    context.say("forged signatures")
    forge(context, door, book)
    watch.look("forged signatures")
    context.say("signed garbage")
    garbage.send(context, door, book, seconds * 0.15)
    watch.look("signed garbage")
    context.say("crowds")
    tables = siege.besiege(context, door, book, seconds * 0.5)
    context.say("what became of all that was accepted")
    return _part(book, [*tables, *_afterwards(door, book, before)])


def _afterwards(door: Door, book: Book, before: Iterable[str]) -> list[Table]:
    """Look for all that was accepted, and for what nobody signed."""
    table = settled.follow(door, book)
    found = strays(before, door.taken(), book.signed)
    book.find(FORGERY, (f"in the tables, and signed by nobody: {body}" for body in found))
    return [table]


def _part(book: Book, tables: Sequence[Table]) -> Part:
    shown, notes = [*book.tables(), *tables], [NOTES, *book.notes]
    return Part("Hostile input", book.counts(), shown, notes, book.findings)


def _raw(context: Context, door: Door, book: Book, seconds: float) -> None:
    def send(sent: bytes) -> None:
        tried = strange.raw(sent)
        book.enter(tried, wire.exchange(door.address, tried.sent))

    for known in strange.KNOWN:
        send(known)
    hunt(strange.streams, send, context.dice("raw HTTP"), seconds)


def forge(context: Context, door: Door, book: Book) -> None:
    """Try every forgery at every address."""
    dice = context.dice("forgeries")
    for at, secret in door.secrets.items():
        body = b'{"id":"evt_forged_%x","type":"invoice.paid"}' % dice.getrandbits(64)
        others = [other for other in door.secrets.values() if other != secret]
        for forged in forgeries(Sound(at, secret, body), others):
            book.enter(forged, wire.exchange(door.address, forged.sent))


def strays(before: Iterable[str], after: Iterable[str], signed: set[str]) -> set[str]:
    """Return the digests of the bodies that got in meanwhile, and were signed by nobody."""
    return set(after) - set(before) - signed
