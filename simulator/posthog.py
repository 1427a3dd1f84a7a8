"""What PostHog says: events, as its webhook destination posts them, and feature flags.

The events are as PostHog/posthog nodejs/src/cdp/templates/_destinations/webhook/ has them, the
flags as https://posthog.com/docs/api/feature-flags.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from simulator import signing
from simulator.text import JSON

sign = signing.shared_or_standard

_PROJECT = "https://us.posthog.com/project/1"


def iso(at: int) -> str:
    """Return the time as PostHog writes it. `at`: Unix seconds."""
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


def happened(at: int, name: str = "signed_up", **changes: Any) -> JSON:
    """Return an event."""
    return {
        "uuid": "ExampleEvent",
        "event": name,
        "distinct_id": "user_ExampleUser",
        "properties": {"$lib": "web", "plan": "pro"},
        "timestamp": iso(at),
        "elements_chain": "",
        "url": f"{_PROJECT}/events/ExampleEvent",
    } | changes


def person() -> JSON:
    """Return a person."""
    return {
        "id": "0193a1b2-0000-7000-8000-000000000001",
        "name": "ada@example.com",
        "properties": {"email": "ada@example.com"},
        "url": f"{_PROJECT}/persons/user_ExampleUser",
    }


def body(event: JSON) -> JSON:
    """Return what the default template of the destination makes of an event."""
    return {"event": event, "person": person()}


def feature_flag(at: int, **changes: Any) -> JSON:
    """Return a feature flag. Its id is a number at PostHog."""
    return {
        "id": "ExampleFlag",
        "key": "new-checkout",
        "name": "The checkout with one page",
        "active": True,
        "deleted": False,
        "filters": {"groups": [{"properties": [], "rollout_percentage": 50}]},
        "version": 1,
        "rollout_percentage": 50,
        "ensure_experience_continuity": False,
        "is_remote_configuration": False,
        "has_encrypted_payloads": False,
        "evaluation_runtime": "all",
        "bucketing_identifier": "distinct_id",
        "tags": ["checkout"],
        "status": "ACTIVE",
        "last_called_at": None,
        "created_at": iso(at),
        "updated_at": iso(at),
    } | changes


OBJECTS: dict[str, JSON] = {
    "$pageview": {"$current_url": "https://app.example.com/"},
    "signed_up": {"plan": "pro"},
    "upgrade_clicked": {"plan": "pro", "$groups": {"organization": "org_ExampleOrganization"}},
}
"""The properties of the events, by name."""


def example(event_type: str, now: int) -> JSON:
    """Return an event with an id of its own, as it is posted. `now`: Unix seconds."""
    told = {"uuid": str(uuid4()), "properties": {"$lib": "web"} | OBJECTS[event_type]}
    return body(happened(now, event_type, **told))
