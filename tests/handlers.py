"""The handlers that the tests run with: each test decides what they do, and sees what they got."""

from collections.abc import Callable, Iterable

from sqlalchemy.orm import Session

from integrations.effects import Effect
from integrations.interface import Event

calls: list[Event] = []
behaviour: dict[str, Callable[[Session, Event], Iterable[Effect] | None]] = {}


def record(session: Session, event: Event) -> Iterable[Effect] | None:
    """Note the call, then do what the test asked for, if it asked."""
    calls.append(event)
    act = behaviour.get(event.type)
    return act(session, event) if act else None


HANDLERS = {
    "stripe": {
        "invoice.paid": record,
        "customer.updated": record,
        "customer.subscription.updated": record,
    },
    "clerk": {"session.created": record},
    "loops": {"contact.mailingList.subscribed": record, "contact.deleted": record},
}
