"""What Clerk would send: objects of its current shape, wrapped in events."""

from collections.abc import Callable
from typing import Any

from integrations.schema import JSON


def event(event_type: str, obj: JSON, at: int) -> JSON:
    """Return an event that carries the object. `at`: milliseconds. Its id is in the headers."""
    return {
        "object": "event",
        "type": event_type,
        "instance_id": "ins_ExampleInstance",
        "timestamp": at,
        "event_attributes": {"http_request": {"client_ip": "192.0.2.7", "user_agent": "curl/8"}},
        "data": obj,
    }


def user(at: int, **changes: Any) -> JSON:
    """Return a user with one verified e-mail address."""
    return {
        "id": "user_ExampleUser",
        "object": "user",
        "backup_code_enabled": False,
        "banned": False,
        "created_at": at,
        "email_addresses": [
            {
                "id": "idn_ExampleAddress",
                "object": "email_address",
                "email_address": "ada@example.com",
                "linked_to": [],
                "reserved": False,
                "verification": {"status": "verified", "strategy": "email_code"},
            }
        ],
        "external_accounts": [],
        "external_id": None,
        "first_name": "Ada",
        "has_image": False,
        "image_url": "https://img.example.com/ada.png",
        "last_active_at": at,
        "last_name": "Example",
        "last_sign_in_at": at,
        "locked": False,
        "password_enabled": True,
        "phone_numbers": [],
        "primary_email_address_id": "idn_ExampleAddress",
        "primary_phone_number_id": None,
        "private_metadata": {},
        "public_metadata": {},
        "two_factor_enabled": False,
        "unsafe_metadata": {},
        "updated_at": at,
        "username": None,
    } | changes


def deleted_user(_at: int) -> JSON:
    """Return what is left of a user."""
    return {"id": "user_ExampleUser", "object": "user", "deleted": True}


def session(at: int) -> JSON:
    """Return a session."""
    return {
        "id": "sess_ExampleSession",
        "object": "session",
        "client_id": "client_Example",
        "created_at": at,
        "status": "active",
        "updated_at": at,
        "user_id": "user_ExampleUser",
    }


OBJECTS: dict[str, Callable[[int], JSON]] = {
    "user.created": user,
    "user.updated": user,
    "user.deleted": deleted_user,
    "session.created": session,
}


def example(event_type: str, now: int) -> JSON:
    """Return a realistic event. `now`: Unix seconds. Raises KeyError for an unknown type."""
    return event(event_type, OBJECTS[event_type](now * 1000), now * 1000)
