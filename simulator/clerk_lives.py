"""The lives of Clerk's objects."""

from collections.abc import Iterator, Mapping
from typing import Any

from simulator import clerk
from simulator.life import Life, Named, Source, to
from simulator.text import JSON

SECONDS = "in seconds"
"""The times of an object as the examples of the OpenAPI files have them."""
OLD = "2023"
"""Before roles were named org:..., and images all the same."""
_OLD_NAMES = {"user": "profile_image_url", "organization": "logo_url"}


def _in_seconds(obj: JSON) -> JSON:
    times = {k: v // 1000 for k, v in obj.items() if k.endswith("_at") and isinstance(v, int)}
    return obj | times


def _old_image(obj: JSON) -> JSON:
    rest = {name: value for name, value in obj.items() if name not in {"image_url", "has_image"}}
    return rest | {_OLD_NAMES[obj["object"]]: obj["image_url"]}


def _old_role(obj: JSON) -> JSON:
    role = {"org:admin": "admin", "org:member": "basic_member"}[obj["role"]]
    rest = {name: value for name, value in obj.items() if name not in {"role_name", "expires_at"}}
    return rest | {"role": role}


def _stamped(obj: JSON, at: int) -> JSON:
    return obj | {"updated_at": at * 1000}


def _in_membership(membership: JSON) -> Iterator[Named]:
    yield "organization", membership["organization"]["id"]
    yield "user", membership["public_user_data"]["user_id"]


def _in_invitation(invitation: JSON) -> Iterator[Named]:
    yield "organization", invitation["organization_id"]
    yield "user", invitation["inviter_id"]


_SECOND: dict[str, Any] = {
    "organization": clerk.organization(0, id="org_ExampleSecond"),
    "public_user_data": clerk.membership(0)["public_user_data"]
    | {"user_id": "user_ExampleSecond", "identifier": "bea@example.com"},
}

LIVES = {
    "user": Life(
        made=lambda at: clerk.user(at * 1000),
        created="user.created",
        updated="user.updated",
        deleted="user.deleted",
        remains=lambda _: clerk.deleted_user(0),
        changes=[to(first_name="Bea"), to(banned=True), to(email_addresses=[])],
        stamped=_stamped,
        shapes={SECONDS: _in_seconds, OLD: _old_image},
    ),
    "organization": Life(
        made=lambda at: clerk.organization(at * 1000),
        created="organization.created",
        updated="organization.updated",
        deleted="organization.deleted",
        remains=lambda _: clerk.deleted_organization(0),
        changes=[to(name="Bead Ltd"), to(members_count=2), to(created_by="user_ExampleSecond")],
        stamped=_stamped,
        shapes={SECONDS: _in_seconds, OLD: _old_image},
        names=lambda organization: [("user", organization["created_by"])],
    ),
    "organization_membership": Life(
        made=lambda at: clerk.membership(at * 1000),
        created="organizationMembership.created",
        updated="organizationMembership.updated",
        deleted="organizationMembership.deleted",
        changes=[to(role="org:admin", role_name="Admin"), to(permissions=[]), to(**_SECOND)],
        stamped=_stamped,
        shapes={SECONDS: _in_seconds, OLD: _old_role},
        names=_in_membership,
    ),
    "organization_invitation": Life(
        made=lambda at: clerk.invitation(at * 1000),
        created="organizationInvitation.created",
        updated="organizationInvitation.created",
        changes=[
            to("organizationInvitation.revoked", status="revoked"),
            to("organizationInvitation.accepted", status="accepted"),
            to(role="org:admin"),
        ],
        stamped=_stamped,
        shapes={SECONDS: _in_seconds, OLD: _old_role},
        names=_in_invitation,
        secret=["url"],
    ),
}


def wrap(
    event_type: str, obj: JSON, at: int, event_id: str, _version: str
) -> tuple[JSON, Mapping[str, str]]:
    """Return the event; its id is in the headers."""
    return clerk.event(event_type, obj, at * 1000), {"svix-id": event_id}


SOURCE = Source(LIVES, wrap, versions=[SECONDS, OLD])
