"""What is said of an incident: whether it is broken or slow, why, since when, how to mend it."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Literal

from settings import settings
from worker.alerts.rules import rank
from worker.alerts.shown import Shown, ShownReason
from worker.signals.words import age

Kind = Literal["opened", "updated", "again", "recovered", "passed"]
"""What there is to tell: `again`, that it is worse or back; `passed`, what was over untold."""

SAID = 8  # reasons
_COMMAND = re.compile(r"(?:(?<=^)|(?<=: ))(tallyman [^;,:()]+)$")
_MARKS = {
    "failing": ":red_circle:",
    "silent": ":black_circle:",
    "degraded": ":large_yellow_circle:",
    "over": ":large_green_circle:",
}

Escape = Callable[[str], str]
Link = Callable[[str, str], str]


def title(incident: Shown) -> str:
    """Return an incident in a line: how its service stands, since when, until when."""
    state = f"{incident.service} is {incident.state}"
    if incident.closed_at is None:
        back = f", back for the {incident.returns}. time" if incident.returns else ""
        return f"{state} since {_time(_since(incident))}{back}"
    ended = max((r.gone_at for r in incident.reasons if r.gone_at), default=incident.closed_at)
    worst = max((incident.state, *(r.state for r in incident.reasons)), key=rank)
    took = age((ended - _since(incident)).total_seconds())
    return f"{incident.service} has recovered: {worst} for {took}"


def mark(incident: Shown) -> str:
    """Return the sign in front of it."""
    return _MARKS["over" if incident.closed_at else incident.state]


def lines(incident: Shown, escape: Escape, link: Link) -> Iterator[str]:
    """Yield the reasons, each with what shows it and what mends it."""
    for reason in incident.reasons[:SAID]:
        yield from _reason(incident, reason, escape, link)
    if (more := len(incident.reasons) - SAID) > 0:
        yield f"and {more} more"


def _reason(incident: Shown, reason: ShownReason, escape: Escape, link: Link) -> Iterator[str]:
    if reason.gone_at or incident.closed_at:
        until = f"until {_time(reason.gone_at)}" if reason.gone_at else "still, and only slow"
        yield f"• {until}: {escape(reason.words)}"
        return
    yield f"• {escape(reason.words)}"
    page = link(page_of(reason, incident), "console")
    yield f"   see: {page}" + (f" or `{escape(reason.look)}`" if reason.look else "")
    if reason.mend:
        yield f"   mend: {_command(escape(reason.mend))}"


def _command(said: str) -> str:
    """Return what is to be done, with the command at its end as one, to be copied."""
    return _COMMAND.sub(r"`\1`", said)


def page_of(reason: ShownReason, incident: Shown) -> str:
    """Return the address of the console's page on a reason."""
    shape = settings().console
    host = shape.console_url or f"http://{shape.console_address}:{shape.console_port}"
    return host.rstrip("/") + (reason.page or f"/events?service={incident.service}")


def _since(incident: Shown) -> datetime:
    since = (r.since for r in incident.reasons if r.gone_at is None or incident.closed_at)
    return min((*since, incident.opened_at))


def _time(time: datetime | None) -> str:
    return "" if time is None else time.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
