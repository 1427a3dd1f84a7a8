"""What Clerk sends and nobody may keep: links that let in whoever has them, and codes."""

from integrations.schema import JSON
from integrations.withheld import containers, rewritten

_SECRET = {"organization_invitation": "url", "invitation": "url", "phone_number": "backup_codes"}
"""A field by the type of the object that has it."""
_EVENTS_OF_MESSAGES = ("email.", "sms.")
_MESSAGES = frozenset({"email", "sms_message"})
_OF_A_MESSAGE = frozenset(
    {"object", "id", "slug", "status", "user_id", "email_address_id", "phone_number_id"}
)
"""What is kept of an e-mail or SMS: all else may hold the code or the link that was sent."""
_MARKS = [b'"email.', b'"sms.', b'"email"', b'"sms_message"', b'invitation"', b"backup_codes"]


def withhold(body: bytes) -> bytes:
    """Return the body without codes and links; the very same object where it has none."""
    return rewritten(body, _MARKS, _take_out)


def _take_out(told: JSON) -> None:
    if str(told.get("type")).startswith(_EVENTS_OF_MESSAGES):
        obj = told.get("data")
        told["data"] = _of_a_message(obj) if isinstance(obj, dict) else None
    for inner in containers(told):
        if isinstance(inner, dict):
            _clear(inner)


def _clear(obj: JSON) -> None:
    kind = str(obj.get("object"))
    if kind in _SECRET:
        obj.pop(_SECRET[kind], None)
    if kind in _MESSAGES:
        kept = _of_a_message(obj)
        obj.clear()
        obj.update(kept)


def _of_a_message(obj: JSON) -> JSON:
    return {k: v for k, v in obj.items() if k in _OF_A_MESSAGE and isinstance(v, str | None)}
