"""The lives of Clerk's objects."""

from collections.abc import Mapping

from integrations.schema import JSON
from simulator import clerk
from simulator.life import Life, Source, to

SECONDS = "in seconds"
"""The times of an object as the examples of the OpenAPI files have them."""


def _in_seconds(obj: JSON) -> JSON:
    times = {k: v // 1000 for k, v in obj.items() if k.endswith("_at") and isinstance(v, int)}
    return obj | times


LIVES = {
    "user": Life(
        made=lambda at: clerk.user(at * 1000),
        created="user.created",
        updated="user.updated",
        deleted="user.deleted",
        remains=lambda _: clerk.deleted_user(0),
        changes=[to(first_name="Bea"), to(banned=True), to(email_addresses=[])],
        stamped=lambda obj, at: obj | {"updated_at": at * 1000},
        shapes={SECONDS: _in_seconds},
    ),
}


def wrap(
    event_type: str, obj: JSON, at: int, event_id: str, _version: str
) -> tuple[JSON, Mapping[str, str]]:
    """Return the event; its id is in the headers."""
    return clerk.event(event_type, obj, at * 1000), {"svix-id": event_id}


SOURCE = Source(LIVES, wrap, versions=[SECONDS])
