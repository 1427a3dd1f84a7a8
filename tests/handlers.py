"""The handlers that the tests run with: each test decides what they do, and sees what they got."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from integrations.interface import Event

calls: list[Event] = []
behaviour: dict[str, Callable[[Session, Event], None]] = {}


def record(session: Session, event: Event) -> None:
    """Note the call, then do what the test asked for, if it asked."""
    calls.append(event)
    if act := behaviour.get(event.type):
        act(session, event)


HANDLERS = {
    "stripe": {
        "invoice.paid": record,
        "customer.updated": record,
        "customer.subscription.updated": record,
    },
    "clerk": {"session.created": record},
}
