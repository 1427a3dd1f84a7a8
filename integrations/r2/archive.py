"""The archive of events: one gzip of many members, of which each can be read by itself.

A member is a line of JSON that says which event it is, then the body as it came. So `zcat` reads
the whole, and the archive can be read without the ledger.
"""

import gzip
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from botocore.exceptions import ClientError

from integrations.errors import Permanent, Transient
from integrations.r2.client import EXISTS, bucket, calling, client, code
from integrations.r2.place import Place
from integrations.r2.webhook import ARCHIVE
from integrations.schema import dump
from telemetry import log

_LEVEL = 6
_PLACES = 5  # for an object, until its archive counts as damaged throughout
_log = log(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """An event to be archived."""

    service: str
    event_id: str
    endpoint: str
    received_at: datetime
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Bundle:
    """An object of the archive: its bytes, and the place of each entry in the order given."""

    key: str
    content: bytes
    places: Sequence[Place]


def bundle(entries: Sequence[Entry]) -> Bundle:
    """Return the object of a service's entries of one hour. The same entries give the same key."""
    members = [_member(entry) for entry in entries]
    content = b"".join(members)
    first = entries[0]
    hour = first.received_at.astimezone(UTC).strftime("%Y/%m/%d/%H")
    key = f"{ARCHIVE}{first.service}/{hour}/{sha256(content).hexdigest()[:32]}.gz"
    return Bundle(key, content, list(_places(key, members)))


def _places(key: str, members: Iterable[bytes]) -> Iterable[Place]:
    offset = 0
    for member in members:
        yield Place(key, offset, len(member))
        offset += len(member)


def _member(entry: Entry) -> bytes:
    says = {
        "service": entry.service,
        "event_id": entry.event_id,
        "endpoint": entry.endpoint,
        "received_at": entry.received_at.isoformat(),
        "headers": dict(entry.headers),
        "length": len(entry.body),
    }
    raw = dump(says).encode() + b"\n" + entry.body + b"\n"
    return gzip.compress(raw, _LEVEL, mtime=0)


def store(bundle: Bundle) -> Bundle:
    """Put the object and read it back; return it as it is there.

    Where something else is at its key, damaged or another's, that is left and said, and this one
    goes beside it. Raises Transient, Permanent, Deferred.
    """
    there = bundle
    for number in range(1, _PLACES + 1):
        fresh = _put(there)
        if _sound(there):
            return there
        if fresh:
            raise Transient(f"{there.key} was read back from the archive with other bytes")
        _log.error("archive.damaged", key=there.key)
        there = _beside(bundle, number)
    raise Permanent(f"the archive is damaged at {bundle.key}, and at {_PLACES - 1} keys beside it")


def _beside(bundle: Bundle, number: int) -> Bundle:
    """Return the same object at another key, which is the same at every attempt."""
    key = f"{bundle.key.removesuffix('.gz')}-{number}.gz"
    return replace(bundle, key=key, places=[replace(place, key=key) for place in bundle.places])


def _put(bundle: Bundle) -> bool:
    """Put the object; return False where there is one already, ours perhaps: an answer was lost."""
    with calling("PutObject"):
        try:
            client().put_object(
                Bucket=bucket(),
                Key=bundle.key,
                Body=bundle.content,
                ContentType="application/gzip",
                Metadata={"sha256": sha256(bundle.content).hexdigest()},
                IfNoneMatch="*",
            )
        except ClientError as error:
            if code(error) not in EXISTS:
                raise
            return False
    return True


def _sound(bundle: Bundle) -> bool:
    """Return whether the object is there, said to be the one and in truth."""
    digest = sha256(bundle.content).hexdigest()
    with calling("GetObject"):
        found: Any = client().get_object(Bucket=bucket(), Key=bundle.key)
        content = found["Body"].read()
    said = found.get("Metadata", {}).get("sha256")
    return bool(said == digest == sha256(content).hexdigest())


def fetch(place: Place, event_id: str) -> tuple[bytes, dict[str, str]]:
    """Return the body and the headers of an archived event.

    Raises Transient, Deferred; Permanent where the archive does not have it.
    """
    last = place.offset + place.length - 1
    with calling("GetObject"):
        found: Any = client().get_object(
            Bucket=bucket(), Key=place.key, Range=f"bytes={place.offset}-{last}"
        )
        member = found["Body"].read()
    return _opened(member, place, event_id)


def _opened(member: bytes, place: Place, event_id: str) -> tuple[bytes, dict[str, str]]:
    try:
        line, _, rest = gzip.decompress(member).partition(b"\n")
        says = json.loads(line)
    except (OSError, EOFError, zlib.error, ValueError):
        raise Permanent(f"{place.key} in the archive is damaged at {place.offset}") from None
    if says["event_id"] != event_id:
        raise Permanent(f"{place.key} in the archive has another event at {place.offset}")
    return rest[: says["length"]], says["headers"]
