"""What we ask of R2 to keep its mirror complete: a listing under the prefixes, and single objects.

A listing tells no types and no metadata. Of what it finds that we lack the object itself is asked.
"""

import json
from collections.abc import Mapping

from integrations.errors import Permanent
from integrations.interface import Snapshot
from integrations.r2 import objects
from integrations.r2.client import on as reachable
from integrations.r2.webhook import mirrored
from integrations.schema import dump
from integrations.syncs import Collection, Page, Sync
from settings import settings


def on() -> bool:
    """Return whether R2 can be called, and a bucket is named to be listed."""
    return reachable() and bool(settings().r2.r2_bucket)


def _page(_account: str, cursor: str | None) -> Page:
    """Return a page of a prefix; where one ends, the next begins. Its place is prefix and key.

    What is added meanwhile is listed if it comes later by its key; what is deleted moves nothing.
    """
    prefixes = _apart(objects.prefixes())
    prefix, after = json.loads(cursor) if cursor else (prefixes[0], "")
    found = objects.page(prefix, after)
    place = (prefix, found.last) if found.last else _next(prefixes, prefix)
    return Page(found.snapshots, dump(place) if place else None, found.begun)


def _apart(prefixes: tuple[str, ...]) -> list[str]:
    """Return the prefixes in order, but for those under another one."""
    kept: list[str] = []
    for prefix in sorted(set(prefixes)):
        if not (kept and prefix.startswith(kept[-1])):
            kept.append(prefix)
    return kept


def _next(prefixes: list[str], prefix: str) -> tuple[str, str] | None:
    return next(((later, "") for later in prefixes if later > prefix), None)


def _elsewhere(known: Mapping[str, object]) -> bool:
    """Return whether it is in another bucket, of which notifications tell, or under no prefix."""
    ours = known.get("bucket") == settings().r2.r2_bucket
    return not (ours and mirrored(str(known.get("key"))))


def _fetch(_account: str, id: str) -> Snapshot:
    bucket, _, key = id.partition("/")
    if not (bucket and key):
        raise Permanent("r2: that is no object's id")
    return objects.head(bucket, key)


SYNC = Sync(
    name="r2",
    on=on,
    collections=(
        Collection(object_type="object", list=_page, fetch=_fetch, leaves_out=_elsewhere),
    ),
)
