"""What Clerk sends and nobody may keep: links that let in whoever has them, and codes."""

from typing import Any

from integrations.errors import Unreadable
from integrations.schema import JSON

_SECRET = {"organization_invitation": "url", "invitation": "url", "phone_number": "backup_codes"}
"""A field by the type of the object that has it."""
_MESSAGES = ("email.", "sms.")
_OF_A_MESSAGE = frozenset(
    {"object", "id", "slug", "status", "user_id", "email_address_id", "phone_number_id"}
)
"""What is kept of an e-mail or SMS: all else may hold the code or the link that was sent."""


def told_safely(payload: JSON) -> JSON:
    """Return the event without what is secret. Raises Unreadable."""
    obj = payload.get("data")
    if str(payload.get("type")).startswith(_MESSAGES) and isinstance(obj, dict):
        kept = {name: value for name, value in obj.items() if name in _OF_A_MESSAGE}
        return payload | {"data": kept}
    try:
        return dict(without_secrets(payload))
    except RecursionError:
        raise Unreadable("the body is nested too deeply") from None


def without_secrets(value: Any) -> Any:
    """Return the JSON without its secret fields, at any depth."""
    if isinstance(value, dict):
        secret = _SECRET.get(str(value.get("object")))
        return {k: without_secrets(v) for k, v in value.items() if k != secret}
    return [without_secrets(v) for v in value] if isinstance(value, list) else value
