"""Every parser, in this process: whatever it is given, only the documented errors come out."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from hypothesis import strategies as st

from integrations import INTEGRATIONS
from integrations.errors import InvalidSignature, Unreadable
from integrations.interface import Delivery, Integration
from integrations.schema import JSON
from proof.context import Context
from proof.hostile import strange
from proof.hostile.answers import FORGERY
from proof.hostile.book import Book
from proof.hostile.hunt import hunt
from proof.hostile.signing import signed as sign
from simulator.lives import SOURCES

CRASHED = "parser crashed"
SECRET = "whsec_" + "ab" * 16
_THEN = 1_700_000_000  # Unix seconds


class LetInError(Exception):
    """What nobody signed was let in."""


Case = tuple[str, st.SearchStrategy[Any], Callable[[Any], None]]


def fuzz(context: Context, book: Book, seconds: float) -> None:
    """Try all parsers of all services, each for its share of the time."""
    cases = [case for service in INTEGRATIONS.values() for case in _cases(service)]
    for name, over, run in cases:
        check = partial(_check, book, name, run)
        book.tries[name] += hunt(over, check, context.dice(name), seconds / len(cases))


def _check(book: Book, name: str, run: Callable[[Any], None], drawn: object) -> None:
    try:
        run(drawn)
    except LetInError:
        book.find(FORGERY, [f"{name}: {drawn!r}"[:1000]])
    except Exception as error:  # noqa: BLE001  what it is, is the finding
        book.find(CRASHED, [f"{name}: {type(error).__name__}: {error} of {drawn!r}"[:1000]])


def _cases(service: Integration) -> Iterator[Case]:
    headers = st.dictionaries(st.sampled_from(list(service.headers)), strange.header_values)
    signed = st.tuples(strange.header_values, st.binary(max_size=100))
    yield f"{service.name} verify: any headers", headers, partial(_refuses, service, b"{}")
    yield f"{service.name} verify: sound but for one", signed, partial(_refuses_one, service)
    yield f"{service.name} read: any body", strange.bodies, partial(_reads, service)
    spoilt = [(kind, o) for kind, o in examples(service.name) if kind in service.mirrors]
    if spoilt:  # of a service that tells of nothing that is kept there are none
        changes = st.tuples(st.sampled_from(spoilt), st.integers(0, 2**16), strange.values)
        yield f"{service.name} project: one field spoilt", changes, partial(_projects, service)


def examples(service: str) -> list[tuple[str, JSON]]:
    """Return what the service tells of, by kind of object, in every shape that it has had."""
    lives = SOURCES[service].lives.items()
    made = [(kind, life, life.made(_THEN)) for kind, life in lives if not life.listed]
    old = [(kind, shape(o)) for kind, life, o in made for shape in life.shapes.values()]
    return [(kind, o) for kind, _, o in made] + old


def _refuses(service: Integration, body: bytes, headers: Mapping[str, str]) -> None:
    for secrets in ([], [SECRET], ["", "whsec_", "\N{SNOWMAN}", SECRET]):
        try:
            service.verify(body, headers, secrets, time.time())
        except InvalidSignature:
            continue
        raise LetInError


def _refuses_one(service: Integration, drawn: tuple[str, bytes]) -> None:
    value, body = drawn
    sound = sign(service.name, SECRET, b"signed")
    for name in [name for name in sound if name in service.headers]:
        _refuses(service, b"signed by nobody" + body, sound | {name: value})


def _reads(service: Integration, body: bytes) -> None:
    headers = dict.fromkeys(service.kept_headers[:1], "msg_1")
    delivery = Delivery(service.name, "", body, headers, datetime.now(UTC))
    try:
        event = service.read(service.safe(delivery))
        mirror = service.mirrors.get(event.snapshot.object_type)
        if mirror:
            mirror.project(event.snapshot)
    except Unreadable:
        return


def _projects(service: Integration, drawn: tuple[tuple[str, JSON], int, object]) -> None:
    (kind, sound), number, value = drawn
    schema = service.mirrors[kind].schema
    fields = sorted({*sound, *schema.model_fields} - {"object"})
    _reads(service, wire_event(service, kind, sound | {fields[number % len(fields)]: value}))


def wire_event(service: Integration, kind: str, obj: JSON) -> bytes:
    """Return the body of an event that carries the object."""
    source = SOURCES[service.name]
    return json.dumps(source.wrap(source.lives[kind].updated, obj, _THEN, "evt_1", "")[0]).encode()
