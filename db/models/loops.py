"""What we keep of Loops (https://loops.so/docs/webhooks, OpenAPI 1.21.6).

No event tells a contact's whole state, and none that its properties changed. What each tells is
kept beside the content as a time, of which the latest stands: so any order ends in the same row.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Computed
from sqlalchemy.orm import Mapped, mapped_column

from db.base import GREATEST, Base, Mirrored

# in Postgres' own words, which Alembic compares with
_SUBSCRIBED = (
    "CASE WHEN num_nonnulls(subscribed_at, unsubscribed_at) > 0 THEN subscribed_at IS NOT NULL"
    " AND subscribed_at > coalesce(unsubscribed_at, '-infinity'::timestamp with time zone)"
    " ELSE NULL::boolean END"
)


def _latest(comment: str) -> Any:
    return mapped_column(info=GREATEST, comment=comment)


def _at(*events: str) -> Any:
    return _latest(f"contact.eventTime of the latest {' or '.join(events)}")


class Contact(Mirrored, Base):
    """A contact. https://loops.so/docs/webhooks.

    The columns from first_name to opt_in_status are as contact.created told them: no event tells
    of changes. An e-mail address is not unique: who is deleted and comes again has a new id.
    """

    __tablename__ = "loops_contacts"
    id: Mapped[str] = mapped_column(primary_key=True)
    identity: Mapped[str | None] = _latest(
        "contact.contactIdentity as it was told last: the time in milliseconds, email, userId"
    )
    email: Mapped[str | None] = mapped_column(
        Computed("identity::jsonb ->> 1", persisted=True),
        index=True,
        comment="contact.contactIdentity.email as it was told last",
    )
    user_id: Mapped[str | None] = mapped_column(
        Computed("identity::jsonb ->> 2", persisted=True),
        index=True,
        comment="contact.contactIdentity.userId as it was told last: the user's id at Clerk",
    )
    first_name: Mapped[str | None] = mapped_column(comment="contact.contact.firstName")
    last_name: Mapped[str | None] = mapped_column(comment="contact.contact.lastName")
    user_group: Mapped[str | None] = mapped_column(comment="contact.contact.userGroup")
    created_by: Mapped[str | None] = mapped_column(comment="contact.contact.source, such as API")
    opt_in_status: Mapped[str | None] = mapped_column(
        comment="contact.contact.optInStatus: accepted, pending, rejected; null without opt-in"
    )
    subscribed_at: Mapped[datetime | None] = _at("email.resubscribed", "subscribed contact.created")
    unsubscribed_at: Mapped[datetime | None] = _at(
        "contact.unsubscribed", "unsubscribed contact.created"
    )
    subscribed: Mapped[bool | None] = mapped_column(
        Computed(_SUBSCRIBED, persisted=True),
        comment="contact.eventName: whether they subscribed after they left; not in the same "
        "second; null if nothing was told",
    )
    soft_bounced_at: Mapped[datetime | None] = _at("email.softBounced")
    hard_bounced_at: Mapped[datetime | None] = _at("email.hardBounced")
    complained_at: Mapped[datetime | None] = _at("email.spamReported")
    sent_at: Mapped[datetime | None] = _at("e-mail sent")
    delivered_at: Mapped[datetime | None] = _at("email.delivered")
    opened_at: Mapped[datetime | None] = _at("email.opened")
    clicked_at: Mapped[datetime | None] = _at("email.clicked")


class ListMember(Mirrored, Base):
    """Whether a contact is on a mailing list. Look also whether the contact itself is subscribed.

    The id is the contact's and the list's, with a colon between. There is no content besides.
    """

    __tablename__ = "loops_list_members"
    __describes__ = "list_member"
    id: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str | None] = mapped_column(
        Computed("split_part(id, ':'::text, 1)", persisted=True),
        index=True,
        comment="list_member.contactIdentity.id",
    )
    list_id: Mapped[str | None] = mapped_column(
        Computed("split_part(id, ':'::text, 2)", persisted=True),
        index=True,
        comment="list_member.mailingList.id",
    )
    subscribed_at: Mapped[datetime | None] = _latest(
        "list_member.eventTime of the latest contact.mailingList.subscribed or contact.created"
    )
    unsubscribed_at: Mapped[datetime | None] = _latest(
        "list_member.eventTime of the latest contact.mailingList.unsubscribed or contact.created"
    )
    subscribed: Mapped[bool | None] = mapped_column(
        Computed(_SUBSCRIBED, persisted=True),
        comment="list_member.eventName: whether they joined later than they left",
    )
