"""The team's own handlers: functions that run once per event, in the transaction that applies it.

`HANDLERS` names a module of theirs that holds
`HANDLERS = {"stripe": {"invoice.paid": on_invoice_paid}}`; each takes (session, event). One for
several types stands behind all of them: `{("invoice.paid", "invoice.voided"): on_invoice}`. It may
return effects, or yield them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any

from sqlalchemy.orm import Session

import own_modules
from integrations import INTEGRATIONS
from integrations.effects import Effect
from integrations.errors import Permanent
from integrations.interface import Event
from settings import settings

Handler = Callable[[Session, Event], Iterable[Effect] | None]
Handlers = Mapping[str, Mapping[str, Handler]]


class BadHandlersError(Exception):
    """What the setting HANDLERS names cannot be used. Says why, and what to do."""


@cache
def handlers() -> Handlers:
    """Return the handlers by service and event type; none where the setting is empty.

    Raises BadHandlersError where the module collides with ours, or is not as above; what the
    module itself raises while it is imported comes through.
    """
    name = settings().worker.handlers
    return _checked(name, module("HANDLERS", name, "HANDLERS")) if name else {}


def handler(event: Event) -> Handler | None:
    """Return the handler of an event's type."""
    return handlers().get(event.service, {}).get(event.type)


def run(handler: Handler, session: Session, event: Event) -> list[Effect]:
    """Run a handler to its end; return its effects. Raises Permanent if it returned others."""
    made = handler(session, event)
    effects = [] if made is None else list(made)
    if not all(isinstance(effect, Effect) for effect in effects):
        raise Permanent("its handler returned something else than effects, or nothing")
    return effects


def module(setting: str, name: str, attribute: str) -> Any:
    """Return what the module that a setting names has under the attribute's name.

    Raises BadHandlersError; what the module itself raises comes through.
    """
    refuse_collisions(name, setting)
    try:
        found = import_module(name)
    except ImportError as error:
        raise BadHandlersError(f"{setting}={name}: {error}. {_next(name, error)}") from None
    if not hasattr(found, attribute):
        raise BadHandlersError(f"{setting}={name}: {found.__file__} has no {attribute} in it")
    return getattr(found, attribute)


def refuse_collisions(name: str, setting: str = "HANDLERS") -> None:
    """Return if their package imports nothing that is called like ours. Raises BadHandlersError."""
    if found := own_modules.collisions(name):
        package = name.partition(".")[0]
        raise BadHandlersError(
            f"{setting}={name}: {' and '.join(found)} cannot be imported for {package}: "
            "Tallyman has modules of these names. Next: call yours otherwise, or have "
            f"{package} do without them"
        )


def _next(name: str, error: ImportError) -> str:
    package = name.partition(".")[0]
    if package in own_modules.names():
        return f"Next: call your package otherwise, {package} is one of Tallyman's own"
    if error.name and f"{name}.".startswith(f"{error.name}."):
        return f"Next: put the folder that holds {package} on PYTHONPATH"
    return "Next: mend what it imports, or install that beside Tallyman"


def _checked(name: str, table: Any) -> Handlers:
    """Return the table with one type a key. Raises BadHandlersError, naming what is wrong."""
    if not isinstance(table, Mapping) or not all(isinstance(t, Mapping) for t in table.values()):
        raise BadHandlersError(
            f'HANDLERS={name}: write HANDLERS = {{"stripe": {{type: function}}}}'
        )
    if unknown := sorted(map(str, table.keys() - INTEGRATIONS.keys())):
        there = ", ".join(INTEGRATIONS)
        raise BadHandlersError(
            f"HANDLERS={name}: no service {', '.join(unknown)}; there are {there}"
        )
    return {service: dict(_singly(name, of)) for service, of in table.items()}


def _singly(name: str, of: Mapping[Any, Any]) -> Iterator[tuple[str, Handler]]:
    seen: set[str] = set()
    for types, run in of.items():
        for type in [types] if isinstance(types, str) else types:
            if type in seen or not callable(run):
                what = "has two handlers" if type in seen else f"is handled by {run!r}, no function"
                raise BadHandlersError(f"HANDLERS={name}: {type} {what}")
            seen.add(type)
            yield type, run
