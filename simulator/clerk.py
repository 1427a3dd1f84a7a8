"""What Clerk would send: objects of its current shape, wrapped in events."""

from collections.abc import Callable
from functools import partial
from typing import Any

from simulator import clerk_others, signing
from simulator.text import JSON

sign = signing.svix

ADDRESS = {
    "id": "idn_ExampleAddress",
    "object": "email_address",
    "email_address": "ada@example.com",
    "linked_to": [],
    "reserved": False,
    "matches_sso_connection": False,
    "created_at": 0,
    "updated_at": 0,
    "verification": {"object": "verification_otp", "status": "verified", "strategy": "email_code"}
    | {"attempts": 1, "expire_at": 0},
}

INSTANCE = {
    "object": "instance",
    "id": "ins_ExampleInstance",
    "environment_type": "development",
    "allowed_origins": None,
}


_USER: JSON = {
    "id": "user_ExampleUser",
    "object": "user",
    "backup_code_enabled": False,
    "banned": False,
    "create_organization_enabled": True,
    "delete_self_enabled": True,
    "deprovisioned": False,
    "email_addresses": [ADDRESS],
    "enterprise_accounts": [],
    "external_accounts": [],
    "external_id": None,
    "first_name": "Ada",
    "has_image": False,
    "image_url": "https://img.example.com/ada.png",
    "last_name": "Example",
    "legal_accepted_at": None,
    "locale": "en-GB",
    "locked": False,
    "lockout_expires_in_seconds": None,
    "mfa_disabled_at": None,
    "mfa_enabled_at": None,
    "passkeys": [],
    "password_enabled": True,
    "phone_numbers": [],
    "primary_email_address_id": "idn_ExampleAddress",
    "primary_phone_number_id": None,
    "primary_web3_wallet_id": None,
    "private_metadata": {},
    "public_metadata": {},
    "saml_accounts": [],
    "totp_enabled": False,
    "two_factor_enabled": False,
    "unsafe_metadata": {},
    "username": None,
    "verification_attempts_remaining": 100,
    "web3_wallets": [],
}
_USER_TIMES = ("created_at", "last_active_at", "last_sign_in_at", "updated_at")


def event(event_type: str, obj: JSON, at: int) -> JSON:
    """Return an event that carries the object. `at`: milliseconds. Its id is in the headers."""
    return {
        "object": "event",
        "type": event_type,
        "instance_id": INSTANCE["id"],
        "timestamp": at,
        "event_attributes": {"http_request": {"client_ip": "192.0.2.7", "user_agent": "curl/8"}},
        "data": obj,
    }


def user(at: int, **changes: Any) -> JSON:
    """Return a user with one verified e-mail address."""
    return _USER | dict.fromkeys(_USER_TIMES, at) | changes


def remains(obj: JSON) -> JSON:
    """Return what is told of an object that is gone (clerk/openapi-specs, DeletedObject)."""
    left = {name: obj[name] for name in ("id", "object", "slug", "external_id") if obj.get(name)}
    return left | {"deleted": True}


def deleted_user(at: int) -> JSON:
    """Return what is left of a user."""
    return remains(user(at))


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


def deleted_organization(at: int) -> JSON:
    """Return what is left of an organization."""
    return remains(organization(at))


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
            "profile_image_url": "https://img.example.com/ada.png",
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
        "public_inviter_data": None,
        "role": "org:member",
        "role_name": "Member",
        "status": "pending",
        "updated_at": at,
        "url": "https://accounts.example.com/accept?ticket=secret",
    } | changes


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
    "session.created": clerk_others.session,
    "email.created": clerk_others.email,
}


def example(event_type: str, now: int) -> JSON:
    """Return a realistic event. `now`: Unix seconds. Raises KeyError for an unknown type."""
    return event(event_type, OBJECTS[event_type](now * 1000), now * 1000)
