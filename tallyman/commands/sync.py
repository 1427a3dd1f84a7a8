"""`tallyman sync`: what keeps the mirrors complete; run one now, and see how the last ones went."""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import click

from integrations.sources import SYNCS
from integrations.syncs import Sync
from integrations.targets import TARGETS
from tallyman.foreground import Slices, carried_out, configured, said, telling
from tallyman.groups import Group
from tallyman.printing import as_json, mapping, print_json
from tallyman.progress import Bars
from tallyman.sync_words import line
from worker.sync import Outcome
from worker.syncs import catch_up, listing, outward, past_runs

NAMES = click.Choice(list(SYNCS))
OUTWARD = "loops"  # which is told, and lists nothing

_ACCOUNT = click.option("--account", help="Of this connected account; otherwise of all we know.")


@click.group("sync", cls=Group)
def sync() -> None:
    """Catch up with a service, or copy all it has; see what is there, here, and was fetched."""


@sync.command()
@as_json
def status(json_: bool) -> None:
    """Show the last run of each sync: what is there, what is here, what was fetched."""
    _show(past_runs.last(), json_=json_)


@sync.command()
@click.argument("service", type=click.Choice([*SYNCS, OUTWARD]))
@click.argument("name", required=False)
@_ACCOUNT
@as_json
def run(service: str, name: str | None, account: str | None, json_: bool) -> None:
    """Catch up with SERVICE now: with its own log of events, or with its objects of type NAME.

    Loops, which lists nothing, is asked for each of our users, and told of those whom it lacks.
    """
    with Bars() as bars:
        outwards = service == OUTWARD
        slices = _outward(bars) if outwards else _catching_up(configured(service), name, bars)
        outcomes = carried_out(service, account, slices)
    _report(outcomes, json_=json_)


@sync.command()
@click.argument("service", type=NAMES)
@_ACCOUNT
@as_json
def backfill(service: str, account: str | None, json_: bool) -> None:
    """Copy all that SERVICE lists, from the beginning. Interrupted, it goes on where it stood."""
    with Bars(partial(_before, service, "backfill")) as bars:
        slices = partial(_backfilled, configured(service), bars)
        outcomes = carried_out(service, account, slices)
    _report(outcomes, json_=json_)


def _backfilled(service: Sync, bars: Bars, of: str, over: Sequence[str]) -> Mapping[str, Outcome]:
    told = telling(bars)
    return listing.backfill(service, account=of, over=over, seconds=math.inf, progress=told)


def _catching_up(service: Sync, name: str | None, bars: Bars) -> Slices:
    """Return what catches up with the log, or with the objects of that type."""
    types = [c.object_type for c in service.collections if c.list]
    if service.log and name in {None, catch_up.NAME}:
        return partial(_with_log, service, bars)
    if name not in {None, *types}:
        known = ", ".join([catch_up.NAME] * bool(service.log) + types)
        raise click.ClickException(f"{service.name} has no {name}; there is {known}")
    return partial(_with_objects, service, bars, [name] if name else types)


def _with_log(service: Sync, bars: Bars, of: str, _over: Sequence[str]) -> Mapping[str, Outcome]:
    told = partial(telling(bars), catch_up.NAME)
    outcome = catch_up.catch_up(service, of, seconds=math.inf, progress=told)
    return {catch_up.NAME: outcome}


def _with_objects(
    service: Sync, bars: Bars, types: Sequence[str], of: str, over: Sequence[str]
) -> Mapping[str, Outcome]:
    only, told = [name for name in types if name not in over], telling(bars)
    return listing.changes(service, account=of, only=only, seconds=math.inf, progress=told)


def _outward(bars: Bars) -> Slices:
    """Return what looks whether Loops has our users. Raises ClickException without its key."""
    if not TARGETS[OUTWARD].on():
        raise click.ClickException("loops is told nothing: tallyman doctor says what is unset")
    told = partial(telling(bars), outward.NAME)
    return lambda _of, _over: {outward.NAME: outward.run(seconds=math.inf, progress=told)}


def _before(service: str, kind: str, name: str) -> int:
    """Return how many the run has read so far: one that goes on does not begin at nought."""
    found = [r for r in past_runs.last() if (r.service, r.name, r.kind) == (service, name, kind)]
    return max((r.there for r in found if r.status == "running"), default=0)


def _report(outcomes: Sequence[Outcome], *, json_: bool) -> None:
    """Print the accounts; exit with 1 if one is not complete."""
    ids = [outcome.run_id for outcome in outcomes]
    _show([run for run in past_runs.last() if run.id in ids], json_=json_)
    raise SystemExit(not said(outcomes))


def _show(runs: Sequence[Any], *, json_: bool) -> None:
    if json_:
        print_json([mapping(run) for run in runs])
        return
    for run in runs:
        click.echo(line(run))
    if not runs:
        click.echo("nothing was synced yet. Next: tallyman sync run SERVICE")
