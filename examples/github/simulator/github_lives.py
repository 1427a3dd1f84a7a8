"""The lives of GitHub's objects."""

from collections.abc import Mapping

from simulator.text import JSON
from simulator import github
from simulator.life import Life, Source, to


def _stamped(obj: JSON, at: int) -> JSON:
    return obj | {"updated_at": github.iso(at)}


LIVES = {
    "repository": Life(
        made=github.repository,
        created="repository.created",
        updated="repository.edited",
        deleted="repository.deleted",
        changes=[
            to("repository.renamed", full_name="example/bead"),
            to("repository.archived", archived=True),
        ],
        stamped=_stamped,
    ),
    "issue": Life(
        made=github.issue,
        created="issues.opened",
        updated="issues.edited",
        deleted="issues.deleted",
        changes=[to(title="They still stick"), to("issues.closed", state="closed")],
        stamped=_stamped,
    ),
}


def wrap(
    event_type: str, obj: JSON, at: int, event_id: str, _version: str
) -> tuple[JSON, Mapping[str, str]]:
    """Return the event; its id and its name are in the headers."""
    headers = {"x-github-delivery": event_id, "x-github-event": event_type.partition(".")[0]}
    return github.event(event_type, obj, at), headers


SOURCE = Source(LIVES, wrap)
