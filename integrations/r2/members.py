"""An object of the archive taken apart into its members, and put together without some of them."""

import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from integrations.errors import Permanent
from integrations.r2 import archive
from integrations.r2.archive import Bundle
from integrations.r2.client import bucket, calling, client
from integrations.r2.place import Place
from integrations.r2.webhook import ARCHIVE


@dataclass(frozen=True, slots=True)
class Member:
    """One archived event: its gzip member as it is there, and what that says."""

    service: str
    event_id: str
    raw: bytes
    text: bytes


def places() -> Iterator[str]:
    """Yield the keys of all objects of the archive. Raises Transient, Permanent, Deferred."""
    asked: dict[str, Any] = {"Bucket": bucket(), "Prefix": ARCHIVE}
    while True:
        with calling("ListObjectsV2"):
            page: Any = client().list_objects_v2(**asked)
        yield from (one["Key"] for one in page.get("Contents", ()))
        if not page.get("IsTruncated"):
            return
        asked["ContinuationToken"] = page["NextContinuationToken"]


def read(key: str) -> list[Member]:
    """Return the members of an object.

    Raises Transient, Deferred; Permanent where it is damaged.
    """
    with calling("GetObject"):
        found: Any = client().get_object(Bucket=bucket(), Key=key)
        content: bytes = found["Body"].read()
    try:
        return list(_members(content))
    except (zlib.error, ValueError, KeyError):
        raise Permanent(f"{key} in the archive is damaged: it cannot be read") from None


def _members(content: bytes) -> Iterator[Member]:
    while content:
        opened = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        text = opened.decompress(content)
        if not opened.eof:
            raise ValueError("a member is cut short")
        length = len(content) - len(opened.unused_data)
        says = json.loads(text.partition(b"\n")[0])
        yield Member(says["service"], says["event_id"], content[:length], text)
        content = opened.unused_data


def rewrite(key: str, kept: Sequence[Member]) -> Bundle:
    """Store the members that stay in an object beside the old one, read back; return where.

    Raises Transient, Permanent, Deferred.
    """
    content, places, offset = b"".join(one.raw for one in kept), [], 0
    new = f"{key.rpartition('/')[0]}/{sha256(content).hexdigest()[:32]}.gz"
    for one in kept:
        places.append(Place(new, offset, len(one.raw)))
        offset += len(one.raw)
    return archive.store(Bundle(new, content, places))


def delete(key: str) -> None:
    """Delete an object of the archive. Raises Transient, Permanent, Deferred."""
    with calling("DeleteObject"):
        client().delete_object(Bucket=bucket(), Key=key)
