"""What we keep of Clerk: how each object becomes rows."""

from db.models.clerk import Invitation, Membership, Organization, User
from integrations.clerk import schemas
from integrations.interface import Mirror, Projection, placeholders, row


def user(u: schemas.User) -> Projection:
    """Project a user. Metadata that only the back end or the user may see stays in `data`."""
    email, phone = u.primary_email, u.primary_phone
    yield row(
        User,
        u,
        external_id=u.external_id,
        primary_email=email and email.email_address,
        primary_email_verified=email and email.verified,
        primary_phone=phone and phone.phone_number,
        username=u.username,
        first_name=u.first_name,
        last_name=u.last_name,
        image_url=u.image_url,
        has_image=u.has_image,
        locale=u.locale,
        public_metadata=u.public_metadata,
        banned=u.banned,
        locked=u.locked,
        deprovisioned=u.deprovisioned,
        password_enabled=u.password_enabled,
        two_factor_enabled=u.two_factor_enabled,
        totp_enabled=u.totp_enabled,
        external_accounts=u.accounts,
        last_sign_in_at=u.last_sign_in_at,
        last_active_at=u.last_active_at,
        legal_accepted_at=u.legal_accepted_at,
        created_at=u.created_at,
        updated_at=u.updated_at,
    )


def organization(o: schemas.Organization) -> Projection:
    """Project an organization and, if need be, a placeholder of who made it."""
    yield row(
        Organization,
        o,
        name=o.name,
        slug=o.slug,
        image_url=o.image_url,
        created_by=o.created_by,
        members_count=o.members_count,
        pending_invitations_count=o.pending_invitations_count,
        max_allowed_memberships=o.max_allowed_memberships,
        admin_delete_enabled=o.admin_delete_enabled,
        role_set_key=o.role_set_key,
        public_metadata=o.public_metadata,
        last_active_at=o.last_active_at,
        created_at=o.created_at,
        updated_at=o.updated_at,
    )
    yield from placeholders(User, [o.created_by])


def membership(m: schemas.Membership) -> Projection:
    """Project a membership, and placeholders of its organization and its user."""
    yield row(
        Membership,
        m,
        organization_id=m.organization,
        user_id=m.user_id,
        role=m.role,
        role_name=m.role_name,
        permissions=m.permissions,
        public_metadata=m.public_metadata,
        created_at=m.created_at,
        updated_at=m.updated_at,
    )
    yield from placeholders(Organization, [m.organization])
    yield from placeholders(User, [m.user_id])


def invitation(i: schemas.Invitation) -> Projection:
    """Project an invitation, and placeholders of its organization and of who invited."""
    yield row(
        Invitation,
        i,
        email_address=i.email_address,
        role=i.role,
        organization_id=i.organization_id,
        inviter_id=i.inviter_id,
        status=i.status,
        expires_at=i.expires_at,
        public_metadata=i.public_metadata,
        created_at=i.created_at,
        updated_at=i.updated_at,
    )
    yield from placeholders(Organization, [i.organization_id])
    yield from placeholders(User, [i.inviter_id])


MIRRORS = {
    "user": Mirror(User, schemas.User, user),
    "organization": Mirror(Organization, schemas.Organization, organization),
    "organization_membership": Mirror(Membership, schemas.Membership, membership),
    "organization_invitation": Mirror(Invitation, schemas.Invitation, invitation),
}
