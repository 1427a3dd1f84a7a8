"""Syncs that somebody runs by hand: through all slices, with the patience that a service asks for.

Who interrupts one goes on with it by the same command.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import click

from integrations.sources import SYNCS
from integrations.syncs import Sync
from tallyman.progress import Bars
from worker.sync import Counts, Outcome, Step
from worker.syncs.accounts import accounts
from worker.syncs.in_turn import Told

PATIENCE = 300  # seconds: who asks for more is left alone, and asked again by hand
TRIES = 10
OVER = ("complete", "failed")
Slices = Callable[[str, Sequence[str]], Mapping[str, Outcome]]
"""Goes on with the syncs of an account, but for the names that are over; returns how they went."""

sleep = time.sleep


def configured(service: str) -> Sync:
    """Return what the service can be asked for. Raises ClickException where it cannot be."""
    if not SYNCS[service].on():
        raise click.ClickException(f"{service} cannot be asked: tallyman doctor says what is unset")
    return SYNCS[service]


def telling(bars: Bars) -> Told:
    """Return what moves a bar on with each step."""
    return partial(_told, bars)


def _told(bars: Bars, name: str, step: Step, counts: Counts) -> None:
    bars.told(name, step.total, counts.there)


def carried_out(service: str, account: str | None, slices: Slices) -> list[Outcome]:
    """Return how each run ended, of an account, or of all that we know."""
    of_all = [account] if account is not None else accounts(service)
    return [outcome for of in of_all for outcome in _through(slices, of)]


def _through(slices: Slices, account: str) -> Iterator[Outcome]:
    """Yield how each run ended, after as much waiting as the service asks for.

    Who waited so many times and got on nowhere gives up.
    """
    ended: dict[str, Outcome] = {}
    vain = 0
    while vain < TRIES:
        outcomes = slices(account, [name for name, one in ended.items() if one.status in OVER])
        ended |= outcomes
        vain = 0 if any(one.moved for one in outcomes.values()) else vain + 1
        waits = [wait for one in outcomes.values() if (wait := _wait(one)) is not None]
        if not waits or max(waits) > PATIENCE:
            break
        click.echo(f"waiting {max(waits):.0f} s, as it asks for", err=True)
        sleep(max(waits))
    yield from ended.values()


def said(outcomes: Sequence[Outcome]) -> bool:
    """Return whether all came to their end; say where somebody else is at one."""
    if any(outcome.status in {"not now", "busy", "lost"} for outcome in outcomes):
        click.echo("a worker is at it. Next: tallyman sync status", err=True)
    return all(outcome.status == "complete" for outcome in outcomes)


def _wait(outcome: Outcome) -> float | None:
    """Return in how many seconds to go on, None where that is not known to help."""
    return outcome.wait or 0 if outcome.status == "running" else outcome.wait
