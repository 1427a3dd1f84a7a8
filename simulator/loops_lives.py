"""The lives of Loops' contacts, as its events tell them: one thing at a time."""

from collections.abc import Iterator, Mapping
from typing import Any

from simulator import loops
from simulator.life import Change, Life, Named, Source
from simulator.text import JSON

_CREATED = "contact.created"
_JOINED, _LEFT = "contact.mailingList.subscribed", "contact.mailingList.unsubscribed"
_MEMBER = f"{loops.CONTACT}:{loops.LIST}"


def _tell(type: str, **more: Any) -> Change:
    """Return the change that is told by such an event."""

    def to(payload: JSON) -> JSON:
        return loops.told(type, payload["eventTime"]) | {"id": payload["id"]} | more

    return Change(to, type)


def _gone(payload: JSON) -> JSON:
    return loops.told("contact.deleted", payload["eventTime"]) | {"id": payload["id"]}


def _content(payload: JSON) -> JSON | None:
    contact: JSON | None = payload.get("contact")
    return contact


def _lists(payload: JSON) -> Iterator[Named]:
    contact = _content(payload) or {}
    return (("list_member", f"{payload['id']}:{id}") for id in contact.get("mailingLists", {}))


def _contact_of(payload: JSON) -> Iterator[Named]:
    yield "contact", payload["contactIdentity"]["id"]


LIVES = {
    "contact": Life(
        made=lambda at: loops.told(_CREATED, at) | {"id": loops.CONTACT},
        created=_CREATED,
        updated=_CREATED,
        deleted="contact.deleted",
        remains=_gone,
        changes=[
            _tell("contact.unsubscribed"),
            _tell("email.resubscribed"),
            _tell("email.hardBounced", contactIdentity={"id": loops.CONTACT, "email": "a@b.org"}),
            _tell("email.spamReported"),
            _tell(_CREATED, contact=loops.contact(firstName="Bea", subscribed=False)),
        ],
        content=_content,
        names=_lists,
    ),
    "list_member": Life(
        made=lambda at: loops.told(_JOINED, at) | {"id": _MEMBER},
        created=_JOINED,
        updated=_JOINED,
        changes=[_tell(_LEFT), _tell(_JOINED, mailingList={"id": loops.LIST, "name": "Letters"})],
        content=lambda _: None,
        names=_contact_of,
    ),
}


def wrap(
    event_type: str, payload: JSON, at: int, event_id: str, _version: str
) -> tuple[JSON, Mapping[str, str]]:
    """Return the event, told at a time; its id is in the headers."""
    name = payload.get("eventName", event_type)
    return loops.event(payload) | {"eventName": name, "eventTime": at}, {"webhook-id": event_id}


SOURCE = Source(LIVES, wrap)
