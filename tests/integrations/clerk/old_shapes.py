"""Clerk's objects as it sent them before December 2023, and what each column must hold of them.

What they did not have yet is None.
"""

from tests.integrations.clerk import current_shapes as now
from tests.integrations.clerk.current_shapes import SIGNED_UP

USER = {
    "id": "user_1",
    "object": "user",
    "banned": False,
    "birthday": "",
    "created_at": 1_700_000_000,
    "email_addresses": [
        {"id": "idn_1", "email_address": "ada@example.org", "verification": {"status": "verified"}}
    ],
    "external_accounts": [
        {"id": "idn_3", "object": "google_account", "google_id": "1104", "given_name": "Ada"},
        {"id": "idn_4", "object": "facebook_account", "facebook_id": "77"},
    ],
    "external_id": "42",
    "first_name": "Ada",
    "gender": "",
    "last_name": "Example",
    "last_sign_in_at": 1_700_100_000,
    "password_enabled": False,
    "phone_numbers": [],
    "primary_email_address_id": "idn_1",
    "primary_phone_number_id": None,
    "profile_image_url": "https://www.example.org/ada.png",
    "public_metadata": {"plan": "pro"},
    "two_factor_enabled": False,
    "updated_at": 1_700_000_000,
    "username": "ada",
}
ORGANIZATION = {
    "id": "org_1",
    "object": "organization",
    "created_at": 1_700_000_000_000,
    "created_by": "user_1",
    "logo_url": "https://www.example.org/abacus.png",
    "name": "Abacus Ltd",
    "public_metadata": {},
    "slug": "abacus",
    "updated_at": 1_700_000_000_000,
}
MEMBERSHIP = {
    "id": "orgmem_1",
    "object": "organization_membership",
    "created_at": 1_700_000_000_000,
    "organization": ORGANIZATION,
    "public_user_data": {
        "identifier": "ada@example.org",
        "profile_image_url": "https://www.example.org/ada.png",
        "user_id": "user_1",
    },
    "role": "basic_member",
    "updated_at": 1_700_000_000_000,
}
INVITATION = {
    "id": "orginv_1",
    "object": "organization_invitation",
    "created_at": 1_700_000_000_000,
    "email_address": "bea@example.org",
    "organization_id": "org_1",
    "role": "admin",
    "status": "pending",
    "updated_at": 1_700_000_000_000,
}

USER_ROW = now.USER_ROW | {
    "primary_email_verified": True,
    "primary_phone": None,
    "image_url": "https://www.example.org/ada.png",
    "has_image": None,
    "locale": None,
    "banned": False,
    "locked": None,
    "deprovisioned": None,
    "password_enabled": False,
    "two_factor_enabled": False,
    "totp_enabled": None,
    "external_accounts": [
        {"provider": "google", "provider_user_id": "1104"},
        {"provider": "facebook", "provider_user_id": "77"},
    ],
    "last_active_at": None,
    "legal_accepted_at": None,
    "updated_at": SIGNED_UP,
}
ORGANIZATION_ROW = now.ORGANIZATION_ROW | {
    "image_url": "https://www.example.org/abacus.png",
    "members_count": None,
    "pending_invitations_count": None,
    "max_allowed_memberships": None,
    "admin_delete_enabled": None,
    "role_set_key": None,
    "public_metadata": {},
    "last_active_at": None,
    "updated_at": SIGNED_UP,
}
MEMBERSHIP_ROW = now.MEMBERSHIP_ROW | {
    "role": "org:member",
    "role_name": None,
    "permissions": None,
    "public_metadata": None,
    "updated_at": SIGNED_UP,
}
INVITATION_ROW = now.INVITATION_ROW | {
    "inviter_id": None,
    "status": "pending",
    "expires_at": None,
    "public_metadata": None,
    "updated_at": SIGNED_UP,
}

SHAPES = {
    "user": (USER, USER_ROW),
    "organization": (ORGANIZATION, ORGANIZATION_ROW),
    "organization_membership": (MEMBERSHIP, MEMBERSHIP_ROW),
    "organization_invitation": (INVITATION, INVITATION_ROW),
}
