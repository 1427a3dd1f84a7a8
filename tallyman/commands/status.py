"""`tallyman status`: how each integration stands, and all that is wrong with one."""

from datetime import UTC, datetime

import click

from integrations import INTEGRATIONS
from integrations.targets import TARGETS
from tallyman.filters import Text
from tallyman.printing import age, as_json, print_json, print_table, shown
from worker import health, state
from worker.health import Health, Reason

INTEGRATION = ("integration", "state", "since", "last event", "last call", "worst")
COLUMNS = ("service", "backlog", "oldest waiting", "rate/s", "retrying", "dead", "last event", "")
EFFECTS = ("effects to", "waiting", "oldest waiting", "held", "dead", "")


@click.command()
@click.argument("service", type=Text(), required=False)
@as_json
def status(service: str | None, json_: bool) -> None:
    """Show how each integration stands; of SERVICE, all that is wrong with it.

    With what waits, is retried and is dead of each; of one, where to look and what mends it.
    """
    if service is not None:
        _one(service, json_=json_)
        return
    found = health.health()
    states, beat, workers = state.states(INTEGRATIONS), state.beat_age(), state.workers()
    targets = state.target_states(TARGETS)
    if json_:
        told = {"health": found, "services": states, "targets": targets}
        print_json(told | {"beat_seconds_ago": beat, "workers": workers})
        return
    print_table("", INTEGRATION, [_line(h) for h in found])
    print_table("", COLUMNS, [_row(s) for s in states])
    print_table("", EFFECTS, [_target_row(t) for t in targets])
    click.echo(f"workers: {', '.join(workers) or 'none is alive, so nothing is applied'}")
    if beat is None or beat > state.BEAT_LATE:
        click.echo(f"beat had nothing run for {age(beat)}: syncs stand still. Is it running?")
    for name in [h.service for h in found if h.reasons]:
        click.echo(f"Next: tallyman status {name}")


def _line(h: Health) -> tuple[object, ...]:
    more = f" (and {len(h.reasons) - 1} more)" if len(h.reasons) > 1 else ""
    words = h.reasons[0].words + more if h.reasons else ""
    return (h.service, h.state, h.since, h.last_event, h.last_call, words)


def _one(service: str, *, json_: bool) -> None:
    """Print all of one integration. Raises ClickException where there is none of that name."""
    if service not in (known := health.names()):
        raise click.ClickException(f"there is no {service}; there is {', '.join(known)}")
    [found] = health.health([service])
    if json_:
        print_json(found)
        return
    since = "" if found.since is None else f" since {shown(found.since)}"
    click.echo(f"{found.service} is {found.state}{since}")
    click.echo(f"last event {shown(found.last_event)}, last call {shown(found.last_call)}")
    if found.state == "paused":
        click.echo(f"Somebody paused it. Next: tallyman resume {service}")
    if found.state == "not configured":
        click.echo("Nothing of it is set. Next: tallyman doctor, .env.example")
    for reason in found.reasons:
        _print(reason)


def _print(reason: Reason) -> None:
    """Print one thing that is wrong: what, for how long, where to look, what mends it."""
    long = None if reason.since is None else (datetime.now(UTC) - reason.since).total_seconds()
    click.echo(f"\n{reason.state}: {reason.words}")
    told = {"since": shown(reason.since), "look": reason.look, "mend": reason.mend}
    if long is not None:
        told["since"] += f" ({age(max(long, 0))})"
    for name, value in told.items():
        if value:
            click.echo(f"  {name:6} {value}")


def _row(s: state.ServiceState) -> tuple[object, ...]:
    mark = "paused" if s.paused else ""
    oldest = age(s.oldest_waiting)
    return (s.service, s.backlog, oldest, s.rate, s.retrying, s.dead, s.last_event, mark)


def _target_row(t: state.TargetState) -> tuple[object, ...]:
    standing = {None: "no such target", False: "not configured"}.get(t.on, "")
    mark = "paused" if t.paused else standing
    return (t.target, t.waiting, age(t.oldest_waiting), t.held, t.dead, mark)
