"""The life of an object in R2, as notifications tell of it."""

from collections.abc import Mapping

from simulator import r2
from simulator.life import Life, Source, to
from simulator.text import JSON

LIVES = {
    "object": Life(
        made=r2.stored,
        created="PutObject",
        updated="PutObject",
        deleted="DeleteObject",
        remains=lambda obj: r2.removed(obj["key"]),
        changes=[
            to(size=1, eTag="68b329da9893e34099c7d8ad5cb9c940"),
            to("CopyObject", size=0, eTag="d41d8cd98f00b204e9800998ecf8427e"),
            to("CompleteMultipartUpload", size=2**33, eTag="9b2b6c1e0f5a7c33a6b1d9f3-1639"),
        ],
    ),
}


def wrap(
    event_type: str, obj: JSON, at: int, event_id: str, _version: str
) -> tuple[JSON, Mapping[str, str]]:
    """Return the notification; its id is in the headers of the Worker that hands it on."""
    return r2.notification(event_type, obj, at), {"webhook-id": event_id}


SOURCE = Source(LIVES, wrap)
