"""What Clerk would send: objects of its current shape, wrapped in events."""

from collections.abc import Callable
from functools import partial
from typing import Any

from integrations.schema import JSON

ADDRESS = {
    "id": "idn_ExampleAddress",
    "object": "email_address",
    "email_address": "ada@example.com",
    "linked_to": [],
    "reserved": False,
    "verification": {"status": "verified", "strategy": "email_code"},
}


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
        "deprovisioned": False,
        "email_addresses": [ADDRESS],
        "external_accounts": [],
        "external_id": None,
        "first_name": "Ada",
        "has_image": False,
        "image_url": "https://img.example.com/ada.png",
        "last_active_at": at,
        "last_name": "Example",
        "last_sign_in_at": at,
        "legal_accepted_at": None,
        "locale": "en-GB",
        "locked": False,
        "password_enabled": True,
        "phone_numbers": [],
        "primary_email_address_id": "idn_ExampleAddress",
        "primary_phone_number_id": None,
        "private_metadata": {},
        "public_metadata": {},
        "totp_enabled": False,
        "two_factor_enabled": False,
        "unsafe_metadata": {},
        "updated_at": at,
        "username": None,
    } | changes


def deleted_user(_at: int) -> JSON:
    """Return what is left of a user."""
    return {"id": "user_ExampleUser", "object": "user", "deleted": True}


def organization(at: int, **changes: Any) -> JSON:
    """Return an organization."""
    return {
        "id": "org_ExampleOrganization",
        "object": "organization",
        "admin_delete_enabled": True,
        "created_at": at,
        "created_by": "user_ExampleUser",
        "has_image": False,
        "image_url": "https://img.example.com/abacus.png",
        "last_active_at": at,
        "max_allowed_memberships": 5,
        "members_count": 1,
        "name": "Abacus Ltd",
        "pending_invitations_count": 0,
        "private_metadata": {},
        "public_metadata": {},
        "role_set_key": "role_set:default",
        "slug": "abacus",
        "updated_at": at,
    } | changes


def deleted_organization(_at: int) -> JSON:
    """Return what is left of an organization."""
    return {
        "id": "org_ExampleOrganization",
        "object": "organization",
        "deleted": True,
        "slug": "abacus",
    }


def membership(at: int, **changes: Any) -> JSON:
    """Return a membership, with its organization and what others may see of its user."""
    return {
        "id": "orgmem_ExampleMembership",
        "object": "organization_membership",
        "created_at": at,
        "organization": organization(at),
        "permissions": ["org:sys_memberships:read"],
        "private_metadata": {},
        "public_metadata": {},
        "public_user_data": {
            "first_name": "Ada",
            "has_image": False,
            "identifier": "ada@example.com",
            "image_url": "https://img.example.com/ada.png",
            "last_name": "Example",
            "user_id": "user_ExampleUser",
        },
        "role": "org:member",
        "role_name": "Member",
        "updated_at": at,
    } | changes


def invitation(at: int, **changes: Any) -> JSON:
    """Return a pending invitation, with its link."""
    return {
        "id": "orginv_ExampleInvitation",
        "object": "organization_invitation",
        "created_at": at,
        "email_address": "bea@example.com",
        "expires_at": at + 30 * 24 * 3600 * 1000,
        "inviter_id": "user_ExampleUser",
        "organization_id": "org_ExampleOrganization",
        "private_metadata": {},
        "public_metadata": {},
        "role": "org:member",
        "role_name": "Member",
        "status": "pending",
        "updated_at": at,
        "url": "https://accounts.example.com/accept?ticket=secret",
    } | changes


def email(at: int) -> JSON:
    """Return an e-mail with a code, as Clerk tells of it."""
    return {
        "id": "ema_Example",
        "object": "email",
        "body": "<p>123456</p>",
        "body_plain": "123456 is your code",
        "created_at": at,
        "data": {"otp_code": "123456"},
        "slug": "verification_code",
        "status": "queued",
        "subject": "123456 is your code",
        "to_email_address": "ada@example.com",
        "user_id": "user_ExampleUser",
    }


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
    "organization.created": organization,
    "organization.updated": organization,
    "organization.deleted": deleted_organization,
    "organizationMembership.created": membership,
    "organizationMembership.updated": membership,
    "organizationMembership.deleted": membership,
    "organizationInvitation.created": invitation,
    "organizationInvitation.accepted": partial(invitation, status="accepted"),
    "organizationInvitation.revoked": partial(invitation, status="revoked"),
    "session.created": session,
    "email.created": email,
}


def example(event_type: str, now: int) -> JSON:
    """Return a realistic event. `now`: Unix seconds. Raises KeyError for an unknown type."""
    return event(event_type, OBJECTS[event_type](now * 1000), now * 1000)
