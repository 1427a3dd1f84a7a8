"""What we send to PostHog. A person there is a Clerk user, by the id that Clerk has given."""

from datetime import timedelta
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from db.models.clerk import Organization, User
from integrations.effects import Action, Sending, Target
from integrations.errors import Deferred, Permanent
from integrations.identity import person
from integrations.posthog.client import NAME, call
from integrations.schema import JSON
from settings import settings

_EVENTS = UUID("0c1f3f4e-6a1d-5b53-9d0c-7f6f1f9f5d52")
"""What the ids of our events are made in."""
GROUP = "organization"
"""The type of the groups."""
_UNSEEN = timedelta(minutes=1).total_seconds()


def _mark(sending: Sending) -> JSON:
    """Return what makes every attempt the same event: its id and its time."""
    return {"uuid": str(uuid5(_EVENTS, sending.key)), "timestamp": sending.occurred_at}


def who(session: Session, sending: Sending) -> str:
    """Return the person of a payload: `user`, or who the Stripe customer in `customer` is.

    Raises Deferred while nobody knows, Permanent where the payload names nobody.
    """
    user, customer, account = map(sending.payload.get, ("user", "customer", "account"))
    if isinstance(user, str) and user and not user.startswith("cus_"):
        return user
    if isinstance(customer, str) and customer:
        return person(session, customer, str(account or ""))
    raise Permanent("the payload names neither a user nor a customer")


def capture(sending: Sending, distinct_id: str) -> None:
    """Send an event: `event` and `properties`, with the `groups` that it belongs to.

    `historical` says that it comes from a backfill.
    """
    told = sending.payload
    call(
        "capture",
        _text(told, "event"),
        distinct_id=distinct_id,
        properties=told.get("properties") or {},
        groups=told.get("groups"),
        historical=told.get("historical") is True,
        **_mark(sending),
    )


def alias(sending: Sending, distinct_id: str) -> None:
    """Make the id in `alias`, such as a browser's, another one of the user's.

    The library calls the one that stays `previous_id` (posthog/client.py, Client.alias).
    """
    call(
        "alias",
        previous_id=distinct_id,
        distinct_id=_text(sending.payload, "alias"),
        **_mark(sending),
    )


def _text(told: JSON, name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not value:
        raise Permanent(f"the payload has no {name}")
    return value


def _user(session: Session, sending: Sending) -> JSON:
    """Return what is known of a user; of a deleted one, that nothing is to be known any more."""
    user: User | None = session.get(User, sending.entity)
    if user and user.deleted_at:
        gone = dict.fromkeys(("email", "name", "username", "locale", "external_id"))
        return gone | {"deleted_at": user.deleted_at.isoformat()}
    if user is None or user.data is None:
        raise Deferred("nothing is known of the user yet", wait=_UNSEEN)
    return {
        "email": user.primary_email,
        "name": " ".join(filter(None, (user.first_name, user.last_name))) or None,
        "username": user.username,
        "locale": user.locale,
        "external_id": user.external_id,
        "created_at": user.created_at and user.created_at.isoformat(),
        "deleted_at": None,
    }


def identify(sending: Sending, properties: JSON) -> None:
    """Set what is known of a user."""
    call("set", distinct_id=sending.entity, properties=properties, **_mark(sending))


def _organization(session: Session, sending: Sending) -> JSON:
    """Return what is known of an organization."""
    org: Organization | None = session.get(Organization, sending.entity)
    if org is None or (org.data is None and org.deleted_at is None):
        raise Deferred("nothing is known of the organization yet", wait=_UNSEEN)
    return {
        "name": org.name,
        "slug": org.slug,
        "members_count": org.members_count,
        "created_at": org.created_at and org.created_at.isoformat(),
        "deleted_at": org.deleted_at and org.deleted_at.isoformat(),
    }


def group(sending: Sending, properties: JSON) -> None:
    """Set what is known of an organization.

    The library would make up a person for it, a new one at every attempt.
    """
    call(
        "group_identify",
        GROUP,
        sending.entity,
        properties,
        distinct_id=f"${GROUP}_{sending.entity}",
        **_mark(sending),
    )


def on() -> bool:
    """Return whether the project's key is set."""
    return bool(settings().posthog.posthog_project_key.get_secret_value())


_ACTIONS = {
    "capture": Action(read=who, send=capture),
    "identify": Action(read=_user, send=identify),
    "group": Action(read=_organization, send=group),
    "alias": Action(read=who, send=alias),
}
TARGET = Target(name=NAME, actions=_ACTIONS, on=on)
