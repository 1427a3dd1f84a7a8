"""`tallyman reconcile`: hold all that a service has against the rows here, and repair these."""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import click

from integrations.sources import SYNCS
from integrations.syncs import Sync
from tallyman.filters import AT_MOST
from tallyman.foreground import carried_out, configured, said, telling
from tallyman.printing import as_json, mapping, print_json, print_table
from tallyman.progress import Bars
from tallyman.sync_words import line
from worker import reconcile as reconciling
from worker.sync import Outcome
from worker.syncs import past_drift, past_runs

_GROUPED = ("table", "field", "cause", "count", "repaired", "examples")
_EACH = ("table", "id", "field", "here", "there", "cause")


@click.command()
@click.argument("service", type=click.Choice(list(SYNCS)))
@click.argument("types", nargs=-1)
@click.option("--plan", "how", flag_value="plan", default=True, help="Only look: the default.")
@click.option("--apply", "how", flag_value="apply", help="Make the rows as they are there.")
@click.option("--account", help="Of this connected account; otherwise of all we know.")
@click.option("--limit", type=AT_MOST, default=20, show_default=True, help="List so many, at most.")
@as_json
def reconcile(  # noqa: PLR0917  click's, by name
    service: str, types: tuple[str, ...], how: str, account: str | None, limit: int, json_: bool
) -> None:
    """Compare what SERVICE has with the rows here, field by field; repair these with --apply.

    Of all types of objects, or of TYPES such as customer. Exits with 1 where it did not come to
    its end.
    """
    with Bars() as bars:
        slices = partial(_reconciled, configured(service), types, bars, how)
        outcomes = carried_out(service, account, slices)
    ids = [outcome.run_id for outcome in outcomes if outcome.run_id]
    _report(service, ids, limit, json_=json_)
    raise SystemExit(not said(outcomes))


def _reconciled(  # noqa: PLR0917  all but the last two are bound
    service: Sync, types: Sequence[str], bars: Bars, how: str, of: str, over: Sequence[str]
) -> Mapping[str, Outcome]:
    known = [c.object_type for c in service.collections]
    if unknown := set(types) - set(known):
        there = ", ".join(known)
        raise click.UsageError(
            f"{service.name} has no {', '.join(sorted(unknown))}; there is {there}"
        )
    return reconciling.run(
        service,
        apply=how == "apply",
        account=of,
        only=[name for name in types or known if name not in over],
        seconds=math.inf,
        progress=telling(bars),
    )


def _report(service: str, ids: Sequence[int], limit: int, *, json_: bool) -> None:
    runs = [run for run in past_runs.last() if run.id in ids]
    groups, each = past_drift.groups(ids), past_drift.entries(ids, limit)
    if json_:
        found = {"runs": runs, "drift": groups, "differences": each}
        print_json({name: [mapping(row) for row in rows] for name, rows in found.items()})
        return
    for run in runs:
        click.echo(line(run))
    if groups:
        _print(service, groups, each)


def _print(service: str, groups: Sequence[Any], each: Sequence[Any]) -> None:
    """Print the differences in groups, then one by one, and what may be done about them."""
    total = sum(group.count for group in groups)
    rows = [[*group[:-1], ", ".join(group.examples)] for group in groups]
    click.echo()
    print_table("", _GROUPED, rows)
    click.echo(f"\nThe first {len(each)} of {total:,}; hashes stand for what may be personal:")
    print_table("", _EACH, [[getattr(one, name) for name in _EACH] for one in each])
    if not all(group.count == group.repaired for group in groups):
        click.echo(f"Next: tallyman reconcile {service} --apply  (or dead-letters list)")
