"""In which of a service's modes its events are told: live, or test."""

from integrations.interface import Integration
from integrations.schema import JSON


def in_mode(service: Integration, event: JSON) -> JSON:
    """Return an event in the mode of the configured key: one of the other would be ignored."""
    live = service.livemode()
    return event if live is None else event | {"livemode": live}
