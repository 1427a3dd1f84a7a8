"""How each integration stands, and why: the one model of the command, console, alerts, metrics."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from db.session import transaction
from integrations import INTEGRATIONS
from integrations.oauth.providers import providers
from integrations.outbound.keeper import Lately
from integrations.sources import SYNCS
from integrations.targets import TARGETS
from settings import settings
from worker import inbox
from worker.arrays import array
from worker.ledger import TABLE, sql
from worker.signals import (
    calling,
    dead,
    failures,
    refusals,
    silence,
    syncing,
    tokens,
    waiting,
)
from worker.signals.asked import Seen, Signal, signalled
from worker.signals.reason import WORSE, Look, Reason, State, worst

__all__ = ["Health", "Reason", "State", "configured", "health", "names"]

SIGNALS: Mapping[str, tuple[Signal, tuple[str, ...]]] = {
    "waiting": (waiting.reasons, ("waiting_old", "retrying_old")),
    "failures": (failures.reasons, ("failure_rate", "retrying_old")),
    "dead": (dead.reasons, ("dead_letters",)),
    "refusals": (refusals.reasons, ("refused_signatures",)),
    "silence": (silence.reasons, ("silence",)),
    "tokens": (tokens.reasons, ("token_ending",)),
    "syncing": (syncing.reasons, ("sync_late", "drift_open")),
}
"""What is looked at, with the codes that it tells."""
CALLING = ("breaker_open", "call_failing", "limiter_pressed")
"""The codes of `calling`, which is given what `last_call` comes from too."""

BY_PAUSE = frozenset({"waiting_old", "retrying_old", "sync_late", "limiter_pressed"})
"""Codes of what a pause brings about by itself."""


@dataclass(frozen=True, slots=True)
class Health:
    """How one integration stands. `reasons` has the worst first; `since` is that of the state.

    Of a paused one the reasons are those that its pause does not make; nobody is to be woken.
    `last_event` is when the newest in the ledger came in, `last_call` when one last succeeded.
    `unseen` are the codes of which nothing can be said, as a signal raised.
    """

    service: str
    state: State
    reasons: tuple[Reason, ...]
    since: datetime | None
    last_event: datetime | None
    last_call: datetime | None
    unseen: frozenset[str] = frozenset()


def names() -> list[str]:
    """Return every integration: who sends, who is sent to, and whose accounts are connected."""
    return list(dict.fromkeys([*INTEGRATIONS, *TARGETS, *providers()]))


def health(services: Sequence[str] | None = None) -> list[Health]:
    """Return how these services stand, or all. Raises RedisError, SQLAlchemyError: one is away."""
    asked = names() if services is None else list(services)
    paused, calls = inbox.paused(), calling.lately()
    on = {name for name in asked if configured(name)}
    look = _look(tuple(name for name in asked if name in on))
    seen, heard = signalled(look, _signals(calls)), _heard(asked)
    called = calling.last_calls(calls)
    return [
        _standing(name, _first(name, on, paused), seen, heard.get(name), called.get(name))
        for name in asked
    ]


def configured(name: str) -> bool:
    """Return whether anything of an integration is set up."""
    secrets = any(settings().endpoints.get(name, {}).values())
    pulls = name == "r2" and settings().r2.pulls
    known = providers().get(name)
    return (
        secrets
        or pulls
        or (name in TARGETS and TARGETS[name].on())
        or (name in SYNCS and SYNCS[name].on())
        or (known is not None and known.on())
    )


def _first(name: str, on: Collection[str], paused: Collection[str]) -> State | None:
    """Return the state that comes before all reasons, None where these are to say."""
    if name in paused:
        return "paused"
    return None if name in on else "not configured"


def _look(services: tuple[str, ...]) -> Look:
    with transaction() as session:
        now: datetime = session.execute(sql("SELECT now()")).scalar_one()
    return Look(now, services, waiting.backlogs(services))


def _signals(calls: Lately) -> Mapping[str, tuple[Signal, tuple[str, ...]]]:
    return {**SIGNALS, "calling": (lambda look: calling.reasons(look, calls), CALLING)}


_NEWEST = f"""
    SELECT service, (SELECT max(received_at) FROM {TABLE} AS e WHERE e.service = asked.service)
    FROM unnest(CAST(:services AS text[])) AS asked(service)
"""  # noqa: S608  our own table


def _heard(services: Sequence[str]) -> dict[str, datetime | None]:
    with transaction() as session:
        rows = session.execute(sql(_NEWEST), {"services": array(services)}).all()
    return {service: at for service, at in rows}  # noqa: C416  a row is no pair to mypy


def _standing(
    name: str,
    first: State | None,
    seen: Seen,
    last_event: datetime | None,
    last_call: datetime | None,
) -> Health:
    reasons = seen.reasons.get(name, [])
    kept = [r for r in reasons if not (first == "paused" and r.code in BY_PAUSE)]
    kept.sort(key=lambda reason: WORSE.index(reason.state))
    state = first or worst(kept)
    times = [r.since for r in kept if r.state == state and r.since is not None]
    since, unseen = min(times, default=None), frozenset(seen.unseen.get(name, ()))
    return Health(name, state, tuple(kept), since, last_event, last_call, unseen)
