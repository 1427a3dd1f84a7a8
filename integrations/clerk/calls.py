"""The calls of Clerk's library by which objects are listed and fetched: clerk_backend_api."""

from collections.abc import Callable

from clerk_backend_api import Clerk

LIMIT = 500
"""Of a page: clerk/openapi-specs bapi/2026-05-12.yml, LimitParameter."""
OLDEST, NEWEST = "+created_at", "-updated_at"
"""Orders. Only users can be had by what changed last: models/getuserlistop.py."""

ListCall = Callable[[Clerk, int], object]


def users(order: str) -> ListCall:
    """users.py, list."""
    return lambda clerk, offset: clerk.users.list(
        request={"limit": LIMIT, "offset": offset, "order_by": order}
    )


def organizations(clerk: Clerk, offset: int) -> object:
    """organizations_sdk.py, list: the counts of members, which webhooks tell, only if asked for."""
    return clerk.organizations.list(
        limit=LIMIT, offset=offset, order_by=OLDEST, include_members_count=True
    )


def memberships(clerk: Clerk, offset: int) -> object:
    """users.py, get_instance_organization_memberships: those of all organizations."""
    return clerk.users.get_instance_organization_memberships(
        limit=LIMIT, offset=offset, order_by=OLDEST
    )


def invitations(clerk: Clerk, offset: int) -> object:
    """organizationinvitations_sdk.py, get_all: those of all organizations, of any status."""
    return clerk.organization_invitations.get_all(limit=LIMIT, offset=offset, order_by=OLDEST)


def user(clerk: Clerk, id: str) -> object:
    """users.py, get."""
    return clerk.users.get(user_id=id)


def organization(clerk: Clerk, id: str) -> object:
    """organizations_sdk.py, get."""
    return clerk.organizations.get(organization_id=id, include_members_count=True)


def membership(clerk: Clerk, organization: str, user: str, _id: str) -> object:
    """organizationmemberships_sdk.py, list: none is asked for by its id."""
    return clerk.organization_memberships.list(
        organization_id=organization, user_id=[user], limit=LIMIT
    )


def invitation(clerk: Clerk, organization: str, id: str) -> object:
    """organizationinvitations_sdk.py, get."""
    return clerk.organization_invitations.get(organization_id=organization, invitation_id=id)
