"""What Clerk says of a few objects, and what must stand of them (openapi-specs webhooks, 2025).

Its times are in milliseconds; some of its examples have seconds. Roles were once without `org:`.
"""

from tallyman.testing.conformance import Said, Story
from tallyman.testing.conformance.subject import CREATED


def _at(seconds):
    return (CREATED + seconds) * 1000


def _user(at, **fields):
    return {
        "object": "user",
        "id": "user_Example",
        "first_name": "Ada",
        "primary_email_address_id": "idn_2",
        "email_addresses": [
            {"id": "idn_1", "email_address": "old@example.org", "verification": None},
            {
                "id": "idn_2",
                "email_address": "ada@example.org",
                "verification": {"status": "verified"},
            },
        ],
        "created_at": _at(0),
        "updated_at": _at(at),
    } | fields


USER = Story(
    said=[
        Said("user.created", _user(0), 0),
        Said("user.updated", _user(1, first_name="Bea"), 1),
        Said("user.updated", _user(2, updated_at=CREATED + 2, banned=True), 2),
        Said("user.deleted", {"object": "user", "id": "user_Example", "deleted": True}, 3),
    ],
    ends={
        "clerk_users": {
            "user_Example": {
                "first_name": "Ada",
                "primary_email": "ada@example.org",
                "primary_email_verified": True,
                "banned": True,
                "created_at": CREATED,
                "updated_at": CREATED + 2,
                "clock": _at(2),
                "deleted_at": CREATED + 3,
            }
        }
    },
)


def _organization(at, **fields):
    return {
        "object": "organization",
        "id": "org_Example",
        "name": "Abacus",
        "created_by": "user_Example",
        "members_count": 1,
        "updated_at": _at(at),
    } | fields


_GONE = {"object": "organization", "id": "org_Example", "slug": "abacus", "deleted": True}
ORGANIZATION = Story(
    said=[
        Said("organization.created", _organization(0), 0),
        Said("organization.updated", _organization(1, name="Bead", slug="bead"), 1),
        Said("organization.updated", _organization(2, name="Bead", members_count=2), 2),
        Said("organization.deleted", _GONE, 3),
    ],
    ends={
        "clerk_organizations": {
            "org_Example": {
                "name": "Bead",
                "slug": None,
                "created_by": "user_Example",
                "members_count": 2,
                "deleted_at": CREATED + 3,
            }
        },
        "clerk_users": {"user_Example": {"data": None}},
    },
)


def _membership(at, role, **fields):
    return {
        "object": "organization_membership",
        "id": "orgmem_Example",
        "role": role,
        "organization": _organization(0),
        "public_user_data": {"user_id": "user_Example", "identifier": "ada@example.org"},
        "created_at": _at(0),
        "updated_at": _at(at),
    } | fields


MEMBERSHIP = Story(
    said=[
        Said("organizationMembership.created", _membership(0, "basic_member"), 0),
        Said("organizationMembership.updated", _membership(1, "org:admin"), 1),
        Said("organizationMembership.updated", _membership(2, "org:member", role_name="M"), 2),
        Said("organizationMembership.deleted", _membership(2, "org:member", role_name="M"), 3),
    ],
    ends={
        "clerk_memberships": {
            "orgmem_Example": {
                "organization_id": "org_Example",
                "user_id": "user_Example",
                "role": "org:member",
                "role_name": "M",
                "deleted_at": CREATED + 3,
            }
        },
        "clerk_organizations": {"org_Example": {"data": None, "clock": 0}},
        "clerk_users": {"user_Example": {"data": None, "clock": 0}},
    },
)


def _invitation(at, status, **fields):
    return {
        "object": "organization_invitation",
        "id": "orginv_Example",
        "email_address": "bea@example.org",
        "role": "org:member",
        "organization_id": "org_Example",
        "status": status,
        "url": "https://example.org/accept?ticket=secret",
        "created_at": _at(0),
        "updated_at": _at(at),
    } | fields


INVITATION = Story(
    said=[
        Said("organizationInvitation.created", _invitation(0, "pending"), 0),
        Said("organizationInvitation.revoked", _invitation(1, "revoked"), 1),
        Said("organizationInvitation.accepted", _invitation(2, "accepted"), 2),
    ],
    ends={
        "clerk_invitations": {
            "orginv_Example": {
                "email_address": "bea@example.org",
                "role": "org:member",
                "organization_id": "org_Example",
                "status": "accepted",
                "created_at": CREATED,
            }
        },
        "clerk_organizations": {"org_Example": {"data": None}},
    },
)

STORIES = {
    "a user is changed, banned and deleted": USER,
    "an organization is renamed and deleted": ORGANIZATION,
    "a member becomes admin, and leaves": MEMBERSHIP,
    "an invitation is accepted after all": INVITATION,
}
