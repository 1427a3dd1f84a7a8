"""Clerk's organizations, memberships and invitations, and more of its users."""

from alembic import op

from db.base import SCHEMA
from db.migrations.mirrors import (
    FLAG,
    NUMBER,
    PARTS,
    TEXT,
    TIME,
    Columns,
    add,
    add_indexes,
    create,
    fetch_again,
    forget,
    remove,
    remove_indexes,
)

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COMMON: Columns = [(TEXT, "instance_id")]
TABLES: dict[str, Columns] = {
    "clerk_invitations": [
        (TEXT, "email_address role organization_id inviter_id status"),
        (TIME, "expires_at"),
        (PARTS, "public_metadata"),
        (TIME, "created_at updated_at"),
    ],
    "clerk_memberships": [
        (TEXT, "organization_id user_id role role_name"),
        (PARTS, "permissions public_metadata"),
        (TIME, "created_at updated_at"),
    ],
    "clerk_organizations": [
        (TEXT, "name slug image_url created_by"),
        (NUMBER, "members_count pending_invitations_count max_allowed_memberships"),
        (FLAG, "admin_delete_enabled"),
        (TEXT, "role_set_key"),
        (PARTS, "public_metadata"),
        (TIME, "last_active_at created_at updated_at"),
    ],
}
OF_USERS: Columns = [
    (FLAG, "has_image"),
    (TEXT, "locale"),
    (FLAG, "deprovisioned password_enabled totp_enabled"),
    (PARTS, "external_accounts"),
    (TIME, "last_active_at legal_accepted_at"),
]
INDEXES = (
    ("clerk_invitations", ("email_address",)),
    ("clerk_invitations", ("organization_id", "status")),
    ("clerk_memberships", ("organization_id", "user_id")),
    ("clerk_memberships", ("user_id",)),
    ("clerk_organizations", ("slug",)),
)


def upgrade() -> None:
    for table, listed in TABLES.items():
        create(table, ("id",), [*listed, *COMMON])
    add_indexes(INDEXES)
    add("clerk_users", OF_USERS)
    fetch_again("clerk_users")
    forget("backup_codes", "clerk_users", of="phone_number")


def downgrade() -> None:
    remove("clerk_users", OF_USERS)
    remove_indexes(INDEXES)
    for table in TABLES:
        op.drop_table(table, schema=SCHEMA)
