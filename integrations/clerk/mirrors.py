"""What we keep of Clerk: how each object becomes rows."""

from db.models.clerk import User
from integrations.clerk import schemas
from integrations.interface import Mirror, Projection, row


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
        public_metadata=u.public_metadata,
        banned=u.banned,
        locked=u.locked,
        two_factor_enabled=u.two_factor_enabled,
        last_sign_in_at=u.last_sign_in_at,
        created_at=u.created_at,
        updated_at=u.updated_at,
    )


MIRRORS = {"user": Mirror(User, schemas.User, user)}
