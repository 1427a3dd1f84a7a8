"""The lives of what PostHog tells: events by webhook, feature flags in lists."""

from collections.abc import Mapping

from simulator import posthog
from simulator.life import Life, Source, to
from simulator.text import JSON


def _stamped(flag: JSON, at: int) -> JSON:
    return flag | {"updated_at": posthog.iso(at)}


LIVES = {
    "event": Life(
        made=posthog.happened,
        created="signed_up",
        updated="signed_up",
        changes=[to(properties={"plan": "free"})],
    ),
    "feature_flag": Life(
        made=posthog.feature_flag,
        created="",
        updated="",
        changes=[to(active=False), to(version=2, name="One page"), to(tags=[])],
        stamped=_stamped,
    ),
}


def wrap(
    event_type: str, event: JSON, at: int, event_id: str, _version: str
) -> tuple[JSON, Mapping[str, str]]:
    """Return the body of a webhook; the event's id is in it."""
    told = {"uuid": event_id, "event": event_type, "timestamp": posthog.iso(at)}
    return posthog.body(event | told), {}


SOURCE = Source(LIVES, wrap)
