"""Payloads that others published, as their services would send them.

A corpus is a folder with one folder a service; what lies in `json-robustness` tortures parsers, and
is sent as it is. What a file is, its content says: an event, an object, a list of either, the
objects of an OpenAPI file, or nothing that anybody sends.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from simulator.envelope import wrap

TORTURE = "json-robustness"
TORTURED = "stripe"  # who is sent that

_NOT_SENT = (  # keys that say what else it is
    ({"_meta", "fixtures"}, "requests to make, not what is sent"),
    ({"scheme", "cases"}, "signatures: tests/integrations/test_corpus.py checks them"),
    ({"api_key"}, "a request to the service"),
)
_SENT = ("object", "type", "event", "eventName", "action", "deleted")


@dataclass(frozen=True, slots=True)
class Payload:
    """One body to post. `file` is where it is from, `part` which of several in that file."""

    service: str
    file: Path
    body: bytes
    event_id: str
    part: str = ""
    malformed: bool = False

    def __str__(self) -> str:
        return f"{self.file}{self.part and f' [{self.part}]'}"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file, or a part of it, that nobody sends, and why we think so."""

    file: Path
    why: str


def read(folder: Path) -> Iterator[Payload | Skipped]:
    """Yield what is in every file of the corpus, each payload with an event id of its own."""
    ids = (f"evt_corpus{number:05}" for number in count())
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        file = Path(os.fsencode(path.relative_to(folder)).decode(errors="replace"))
        if file.suffix != ".json" or len(file.parts) == 1:
            yield Skipped(file, "no .json in the folder of a service")
        else:
            yield from _in_file(file, path.read_bytes(), ids)


def _in_file(file: Path, content: bytes, ids: Iterator[str]) -> Iterator[Payload | Skipped]:
    service = file.parts[0]
    if service == TORTURE:
        yield Payload(TORTURED, file, content, next(ids), malformed=True)
        return
    try:
        yield from list(_of_parts(service, file, json.loads(content), ids))
    except (ValueError, RecursionError):  # signed all the same: it is for the worker to judge
        yield Payload(service, file, content, next(ids))


def _of_parts(
    service: str, file: Path, content: Any, ids: Iterator[str]
) -> Iterator[Payload | Skipped]:
    parts = list(_parts(content))
    if not parts:
        yield Skipped(file, "holds nothing")
    for part, value in parts:
        if why := _why_not(value):
            yield Skipped(file, why)
        else:
            event_id = next(ids)
            event = wrap(service, value, _last_word(file), event_id)
            yield Payload(service, file, json.dumps(event).encode(), event_id, part)


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what a file holds, by its place: most hold one thing."""
    if isinstance(value, list):
        yield from ((str(number), one) for number, one in enumerate(value))
    elif isinstance(value, dict) and isinstance(value.get("resources"), dict):
        yield from value["resources"].items()
    elif isinstance(value, dict) and isinstance(value.get("data"), list):
        yield from ((str(number), one) for number, one in enumerate(value["data"]))
    else:
        yield "", value


def _why_not(value: Any) -> str:
    """Return why nobody sends such a thing, '' if somebody does."""
    if not isinstance(value, dict):
        return "no JSON object"
    for keys, why in _NOT_SENT:
        if keys <= value.keys():
            return why
    if any(isinstance(value.get(name), str | bool | dict) for name in _SENT):
        return ""
    return "names neither an event nor an object"


def _last_word(file: Path) -> str:
    """Return `customer` of `delete_customer.json`."""
    return file.stem.replace("-", "_").split("_")[-1]
