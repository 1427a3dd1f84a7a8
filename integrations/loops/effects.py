"""What we send to Loops. A contact there is a Clerk user, by the id that Clerk has given.

Nothing that we send subscribes anybody, to Loops or to a list: it might be again, after they left
(https://loops.so/docs/api-reference/update-contact).
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from db.models.clerk import User
from integrations.effects import Action, Sending, Target
from integrations.errors import Deferred, Permanent
from integrations.loops import client, consent
from integrations.schema import JSON
from settings import settings

LONGEST = 500  # characters, of a value in a body (api-reference/intro)
_KEYS_LIVE = timedelta(hours=24)
_UNSEEN = timedelta(minutes=1).total_seconds()


def contact_of(session: Session, sending: Sending) -> JSON | None:
    """Return what Loops shall know of a user, None where there is no address to write to.

    Of a deleted user only the id. Raises Deferred while nothing is known of the user.
    """
    user: User | None = session.get(User, sending.entity)
    if user and user.deleted_at:
        return {"userId": user.id}
    if user is None or user.data is None:
        raise Deferred("nothing is known of the user yet", wait=_UNSEEN)
    if not user.primary_email:
        return None
    return consent.kept(session, user.id, user.primary_email) | {
        "userId": user.id,
        "email": user.primary_email,
        "firstName": (user.first_name or "")[:LONGEST],
        "lastName": (user.last_name or "")[:LONGEST],
    }


def consent_of(session: Session, sending: Sending) -> JSON:
    """Return what an event must say so that whom it is about is not subscribed again."""
    told = sending.payload
    user_id, email = (str(told.get(name) or "") for name in ("userId", "email"))
    user: User | None = session.get(User, user_id)
    return consent.kept(session, user_id, email or (user and user.primary_email) or "")


def contact(sending: Sending, found: JSON | None) -> None:
    """Have Loops know as much of the user as we do: write the contact, or delete it."""
    if found and "email" in found:
        client.upsert_contact(found, sending.attempt)
    elif found:
        client.delete_contact(found["userId"], sending.attempt)


def event(sending: Sending, kept: JSON) -> None:
    """Send an event: `eventName`, `userId` or `email`, `eventProperties` and what else Loops takes.

    It makes a contact where there is none (api-reference/send-event). Raises Permanent where
    something is missing, or longer than Loops takes.
    """
    told = consent.withheld(sending.payload) | kept
    _require(told, "eventName")
    if not (told.get("userId") or told.get("email")):
        raise Permanent("the payload has neither userId nor email")
    if long := next(_too_long(told, ""), None):
        raise Permanent(f"{long} has more than {LONGEST} characters")
    client.send_event(told, sending)


def address(session: Session, sending: Sending) -> str:
    """Return where a mail goes: `email`, or the address of the Clerk user in `userId`.

    Raises Permanent where there is none, Deferred while nothing is known of the user.
    """
    told = sending.payload
    if email := told.get("email"):
        return str(email)
    _require(told, "userId")
    user: User | None = session.get(User, str(told["userId"]))
    if user is None or (user.data is None and not user.deleted_at):
        raise Deferred("nothing is known of the user yet", wait=_UNSEEN)
    if user.deleted_at or not user.primary_email:
        raise Permanent("the user is deleted, or has no e-mail address")
    return user.primary_email


def mail(sending: Sending, to: str) -> None:
    """Send a transactional mail: `transactionalId`, `dataVariables` and what else Loops takes."""
    _require(sending.payload, "transactionalId")
    told = {name: value for name, value in sending.payload.items() if name != "userId"}
    client.send_mail(told | {"email": to}, sending)


def _require(told: JSON, name: str) -> None:
    if not told.get(name):
        raise Permanent(f"the payload has no {name}")


def _too_long(value: Any, path: str) -> Iterator[str]:
    """Yield where a text stands that Loops refuses."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _too_long(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, str) and len(value) > LONGEST:
        yield path


def on() -> bool:
    """Return whether the key is set."""
    return bool(settings().loops.loops_api_key.get_secret_value())


_ACTIONS = {
    "contact": Action(read=contact_of, send=contact),
    "event": Action(read=consent_of, send=event, remembers=_KEYS_LIVE),
    "mail": Action(read=address, send=mail, remembers=_KEYS_LIVE),
}
TARGET = Target(name=client.NAME, actions=_ACTIONS, on=on)
