"""The team's own handlers: functions that run once per event, in the transaction that applies it.

`HANDLERS` names a module of theirs that holds
`HANDLERS = {"stripe": {"invoice.paid": on_invoice_paid}}`; each takes (session, event).
"""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module

from sqlalchemy.orm import Session

from integrations.interface import Event
from settings import settings

Handler = Callable[[Session, Event], None]
Handlers = Mapping[str, Mapping[str, Handler]]


@cache
def handlers() -> Handlers:
    """Return the handlers by service and event type; none where the setting is empty.

    Raises ImportError or AttributeError at the worker's start where the module is not as above.
    """
    name = settings().worker.handlers
    found: Handlers = import_module(name).HANDLERS if name else {}
    return found


def handler(event: Event) -> Handler | None:
    """Return the handler of an event's type."""
    return handlers().get(event.service, {}).get(event.type)
