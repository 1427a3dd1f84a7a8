"""How everything stands, gathered from the same functions that the commands print."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from console import sparkline
from integrations import INTEGRATIONS
from integrations.outbound.keepers import states as breakers
from integrations.targets import TARGETS
from worker import oauth, recent, state
from worker.alerts import shown
from worker.health import Health, health
from worker.state import ServiceState, TargetState
from worker.syncs import past_runs

_ORDER = ("failing", "silent", "degraded", "paused", "healthy", "not configured")


@dataclass(frozen=True, slots=True)
class Card:
    """One integration: how it stands and why, what is waiting, and what came of the last hour."""

    health: Health
    inbound: ServiceState | None
    outbound: TargetState | None
    plot: Markup | None
    breaker: str
    sync_age: float | None
    connections: tuple[Any, ...]

    @property
    def waiting(self) -> int:
        """Return how many deliveries and effects wait or are tried again."""
        events = self.inbound.backlog + self.inbound.retrying if self.inbound else 0
        return events + (self.outbound.waiting if self.outbound else 0)

    @property
    def dead(self) -> int:
        """Return how many events and effects are dead."""
        events = self.inbound.dead if self.inbound else 0
        return events + (self.outbound.dead if self.outbound else 0)

    @property
    def held(self) -> int:
        """Return how many effects wait for somebody's consent."""
        return self.outbound.held if self.outbound else 0

    @property
    def oldest(self) -> float | None:
        """Return the age of what waits the longest, in seconds."""
        found = [part.oldest_waiting for part in (self.inbound, self.outbound) if part]
        return max((age for age in found if age is not None), default=None)


@dataclass(frozen=True, slots=True)
class Strip:
    """What serves all of them."""

    workers: list[str]
    beat: float | None
    beat_late: bool
    open_alerts: int


def cards() -> list[Card]:
    """Return the card of each integration, the worst first. Raises RedisError, SQLAlchemyError."""
    found = health()
    inbound = {one.service: one for one in state.states(INTEGRATIONS)}
    outbound = {one.target: one for one in state.target_states(TARGETS)}
    plots = recent.hour(list(INTEGRATIONS))
    standing = breakers([one.service for one in found])
    synced = _newest(past_runs.ages())
    tokens = list(oauth.standings())
    made = [
        Card(
            health=one,
            inbound=inbound.get(one.service),
            outbound=outbound.get(one.service),
            plot=sparkline.plot(plots[one.service]) if one.service in plots else None,
            breaker=standing[one.service].state.replace("_", " "),
            sync_age=synced.get(one.service),
            connections=tuple(t for t in tokens if t.service == one.service),
        )
        for one in found
    ]
    return sorted(made, key=lambda card: _ORDER.index(card.health.state))


def _newest(ages: Iterable[Any]) -> Mapping[str, float]:
    found: dict[str, float] = {}
    for service, _, _, seconds in ages:
        found[service] = min(seconds, found.get(service, seconds))
    return found


def strip() -> Strip:
    """Return how the workers, beat and the alerts stand. Raises RedisError, SQLAlchemyError."""
    beat = state.beat_age()
    late = beat is None or beat > state.BEAT_LATE
    opened = sum(not incident.closed_at for incident in shown.latest())
    return Strip(workers=state.workers(), beat=beat, beat_late=late, open_alerts=opened)


def title(all_cards: Iterable[Card], strip: Strip) -> str:
    """Return in a line who is broken, and who is only not at his best."""
    found: dict[str, list[str]] = {}
    for card in all_cards:
        found.setdefault(card.health.state, []).append(card.health.service)
    told = [f"{_listed(found[state])} {state}" for state in _ORDER[:4] if state in found]
    workers = [] if strip.workers else ["No worker is alive"]
    return "; ".join(workers + told) or "All is well"


def _listed(names: list[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last} are" if others else f"{last} is"
