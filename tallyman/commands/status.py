"""`tallyman status`: how each service stands."""

import click

from integrations import INTEGRATIONS
from integrations.targets import TARGETS
from tallyman.printing import age, as_json, print_json, print_table
from worker import state

COLUMNS = ("service", "backlog", "oldest waiting", "rate/s", "retrying", "dead", "last event", "")
EFFECTS = ("effects to", "waiting", "oldest waiting", "held", "dead", "")


@click.command()
@as_json
def status(json_: bool) -> None:
    """Show backlog, retries, dead letters and effects of each service."""
    states, beat, workers = state.states(INTEGRATIONS), state.beat_age(), state.workers()
    targets = state.target_states(TARGETS)
    if json_:
        told = {"services": states, "targets": targets}
        print_json(told | {"beat_seconds_ago": beat, "workers": workers})
        return
    print_table("", COLUMNS, [_row(s) for s in states])
    print_table("", EFFECTS, [_target_row(t) for t in targets])
    click.echo(f"workers: {', '.join(workers) or 'none is alive, so nothing is applied'}")
    if beat is None or beat > state.BEAT_LATE:
        click.echo(f"beat had nothing run for {age(beat)}: syncs stand still. Is it running?")
    if any(s.dead for s in states) or any(t.dead for t in targets):
        click.echo("Next: tallyman dead-letters list")


def _row(s: state.ServiceState) -> tuple[object, ...]:
    mark = "paused" if s.paused else ""
    oldest = age(s.oldest_waiting)
    return (s.service, s.backlog, oldest, s.rate, s.retrying, s.dead, s.last_event, mark)


def _target_row(t: state.TargetState) -> tuple[object, ...]:
    standing = {None: "no such target", False: "not configured"}.get(t.on, "")
    mark = "paused" if t.paused else standing
    return (t.target, t.waiting, age(t.oldest_waiting), t.held, t.dead, mark)
