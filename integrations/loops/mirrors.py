"""What we keep of Loops: how what each event tells of a contact becomes rows.

Each event tells one thing and when. The times stand beside the content, of each the latest, so that
no event needs another. https://loops.so/docs/webhooks.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from db.models.loops import Contact, ListMember
from integrations.interface import Mirror, Projection, Row, row
from integrations.loops import schemas
from integrations.schema import dump

_TIMES = {
    "contact.unsubscribed": "unsubscribed_at",
    # not email.unsubscribed: it may have been a list that they left; it comes with another event
    "email.resubscribed": "subscribed_at",
    "email.softBounced": "soft_bounced_at",
    "email.hardBounced": "hard_bounced_at",
    "email.spamReported": "complained_at",
    "transactional.email.sent": "sent_at",
    "campaign.email.sent": "sent_at",
    "loop.email.sent": "sent_at",
    "email.delivered": "delivered_at",
    "email.opened": "opened_at",
    "email.clicked": "clicked_at",
    "contact.mailingList.subscribed": "subscribed_at",
    "contact.mailingList.unsubscribed": "unsubscribed_at",
}
"""The column that an event's time is for."""


def contact(t: schemas.Told) -> Projection:
    """Project what was told of a contact; only contact.created tells its content."""
    told = _identity(t) | _time(t)
    if t.contact is None or t.contact.id != t.id:
        yield Row(Contact, t.id, told)
        return
    c = t.contact
    yield row(
        Contact,
        c,
        first_name=c.first_name,
        last_name=c.last_name,
        user_group=c.user_group,
        created_by=c.created_by,
        opt_in_status=c.opt_in_status,
        **told | _subscription(c.subscribed, t.at),
    )
    yield from _lists(t, c)


def list_member(t: schemas.ToldOfList) -> Projection:
    """Project that somebody joined or left a list, and who it is."""
    yield Row(ListMember, t.id, _time(t))
    yield Row(Contact, t.identity.id, _identity(t))


def _identity(t: schemas.Told) -> dict[str, Any]:
    """Return who it is, in a form that sorts by time: of what was told the latest stands.

    Times are in whole seconds: of what was told in the same one, that stands which knows more.
    """
    known = 2 * bool(t.identity.user_id) + bool(t.identity.email)
    at = f"{int(t.at.timestamp() * 1000):015}.{known}"
    return {"identity": dump([at, t.identity.email, t.identity.user_id])}


def _time(t: schemas.Told) -> dict[str, Any]:
    return {_TIMES[t.type]: t.at} if t.type in _TIMES else {}


def _subscription(subscribed: bool | None, at: datetime) -> dict[str, Any]:
    return {} if subscribed is None else {f"{'' if subscribed else 'un'}subscribed_at": at}


def _lists(t: schemas.Told, c: schemas.Contact) -> Iterator[Row]:
    for id, subscribed in (c.lists or {}).items():
        yield Row(ListMember, f"{t.id}:{id}", _subscription(subscribed, t.at))


MIRRORS = {
    "contact": Mirror(Contact, schemas.Told, contact),
    "list_member": Mirror(ListMember, schemas.ToldOfList, list_member),
}
