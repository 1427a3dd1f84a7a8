"""What happens to whom: the table that REACTIONS names, looked up by event."""

from collections.abc import Iterator
from functools import cache

from integrations.effects import Effect, Reaction
from integrations.interface import WEBHOOK, Event
from integrations.targets import TARGETS
from settings import settings
from worker.handlers import BadHandlersError, module

Table = dict[tuple[str, str], list[Reaction]]


def reacts(event: Event) -> bool:
    """Return whether something may happen to somebody because of the event, which must be news."""
    return event.snapshot.source == WEBHOOK and (event.service, event.type) in table()


def reactions(event: Event) -> Iterator[Effect]:
    """Yield the effects of an event, but for those to targets that are off."""
    for reaction in table()[event.service, event.type] if reacts(event) else ():
        yield from (effect for effect in reaction.effects(event) if _on(effect.target))


def _on(name: str) -> bool:
    target = TARGETS.get(name)
    return target is None or target.on()  # one that nobody knows is refused where it is added


@cache
def table() -> Table:
    """Return the reactions by service and event type; none where the setting is empty.

    Raises BadHandlersError where the module cannot be used.
    """
    name = settings().effects.reactions
    listed = module("REACTIONS", name, "REACTIONS") if name else ()
    if not all(isinstance(reaction, Reaction) for reaction in listed):
        raise BadHandlersError(f"REACTIONS={name}: write REACTIONS = [Reaction(...), ...]")
    found: Table = {}
    for reaction in listed:
        for type in reaction.types:
            found.setdefault((reaction.service, type), []).append(reaction)
    return found
