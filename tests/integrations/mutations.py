"""Events with fields dropped, nulled, retyped or nested: what nobody promised not to send."""

import copy
import json
import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from integrations import INTEGRATIONS
from integrations.errors import Unreadable
from integrations.interface import Delivery
from simulator.corpus import Payload, read

DEEP = 60


def sound(corpus: Path) -> dict[tuple[str, str], list[Payload]]:
    """Return the corpus' events of our services by service and object type.

    What is not mirrored stands under the type ''.
    """
    found: dict[tuple[str, str], list[Payload]] = defaultdict(list)
    for one in read(corpus):
        if isinstance(one, Payload) and one.service in INTEGRATIONS and not one.malformed:
            found[one.service, _kind(one)].append(one)
    return found


def _kind(one: Payload) -> str:
    """Return the type of the object that the payload tells of, '' if that is not mirrored."""
    service = INTEGRATIONS[one.service]
    headers = dict.fromkeys(service.kept_headers[:1], one.event_id)
    try:
        event = service.read(Delivery(one.service, "", one.body, headers, datetime.now(UTC)))
    except Unreadable:
        return ""
    return event.snapshot.object_type if event.snapshot.object_type in service.mirrors else ""


def _object(event: Any) -> Any:
    data = event.get("data") or {}
    inner = data.get("object")
    return inner if isinstance(inner, dict) else data


def mutated(payload: Payload, number: int, dice: random.Random) -> bytes:
    """Return the body of the payload's event, with an id of its own, spoilt in a few places."""
    event = json.loads(payload.body)
    for named in (event, event.get("event")):
        if isinstance(named, dict):
            named |= {name: f"evt_mutated{number:05}" for name in ("id", "uuid") if name in named}
    for _ in range(dice.randint(1, 3)):
        _spoil(event, number, dice)
    return json.dumps(event | {"mutation": number}).encode()  # no two bodies are the same


def _spoil(event: Any, number: int, dice: random.Random) -> None:
    """Spoil a place of the event, more often one near the top of its object than a deep one."""
    places = list(_places(event, 0))
    near = [place for place in places if place[2] <= 3]
    inside, key, _ = dice.choice(near if near and dice.random() < 0.8 else places)
    how = dice.choice(["drop", "null", "retype", "nest"])
    if how == "drop":
        del inside[key]
    else:
        inside[key] = _other(how, inside[key], number, dice)


def _places(value: Any, depth: int) -> Iterator[tuple[Any, Any, int]]:
    """Yield (container, key, depth) of everything in the value."""
    keys = list(value) if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key, depth
        if isinstance(value[key], dict | list):
            yield from _places(value[key], depth + 1)


def _other(how: str, value: Any, number: int, dice: random.Random) -> Any:
    if how == "null":
        return None
    if how == "retype":
        numbers = [0, -1, 2**63 - 1, 2**70, 253_402_300_799, 1.5, f"1e2{number:05}"]
        others = [*numbers, True, "", f"text {number}", [], {}, [{}], {"id": 7}]
        return copy.deepcopy(dice.choice([one for one in others if type(one) is not type(value)]))
    nested = value
    for _ in range(dice.choice([1, 1, 1, DEEP])):
        nested = [nested] if dice.random() < 0.5 else {"id": nested}
    return nested
