"""Whom we never subscribe again. A contact that Loops deleted would come back subscribed."""

from sqlalchemy import and_, literal, or_, select
from sqlalchemy.orm import Session

from db.models.loops import Contact
from integrations.schema import JSON


def kept(session: Session, user_id: str, email: str) -> JSON:
    """Return `{"subscribed": False}` of who left before Loops deleted them, else nothing.

    Loops says of everybody whom it deletes that they unsubscribed (https://loops.so/docs/webhooks):
    then nobody can tell whether they had, and they count as if. Where Loops still has a contact,
    nothing is said, and it stays as it is.
    """
    c = Contact
    nobody_elses = or_(c.user_id.is_(None), literal(user_id) == "")
    theirs = or_(c.user_id == user_id, and_(c.email == email, nobody_elses))
    found = session.scalars(select(c).where(theirs)).all()
    gone = all(one.deleted_at for one in found)
    left = any(one.subscribed is False or one.complained_at for one in found)
    return {"subscribed": False} if gone and left else {}


def withheld(told: JSON) -> JSON:
    """Return a payload without what would subscribe anybody, to Loops or to a mailing list."""
    safe = {name: value for name, value in told.items() if name != "mailingLists"}
    if safe.get("subscribed") is not False:
        safe.pop("subscribed", None)
    lists = told.get("mailingLists")
    left = {id: False for id, on in lists.items() if on is False} if isinstance(lists, dict) else {}
    return safe | ({"mailingLists": left} if left else {})
