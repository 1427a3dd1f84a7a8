"""The options by which commands choose events."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from integrations import INTEGRATIONS
from worker.search import Filter

SERVICES = click.Choice(list(INTEGRATIONS))
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Time(click.ParamType[datetime]):
    """A moment: `2026-11-22`, `2026-11-22T14:00`, or so long ago: `90s`, `15m`, `2h`, `7d`."""

    name = "time"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        """Return the moment, in UTC where no zone is given; fails with how to write it."""
        if value[:-1].isdigit() and value[-1] in _UNITS:
            return datetime.now(UTC) - timedelta(**{_UNITS[value[-1]]: int(value[:-1])})
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is neither like 2026-11-22T14:00 nor like 2h", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_OPTIONS = (
    click.option("--service", type=SERVICES, help="Of this service."),
    click.option("--type", "event_type", help="Of this type; * stands for anything."),
    click.option("--since", type=Time(), help="Received since: 2026-11-22T14:00, 15m, 2h, 7d."),
    click.option("--until", type=Time(), help="Received before."),
    click.option("--error", help="Whose error holds this text."),
    click.option("--id", "event_id", help="Whose id begins so."),
)


def filtered(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options to a command; `chosen` makes a Filter of their values."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def chosen(options: dict[str, Any], status: str | None = None) -> Filter:
    """Return the filter that the options ask for."""
    return Filter(
        service=options["service"],
        type=options["event_type"],
        status=status,
        since=options["since"],
        until=options["until"],
        id=options["event_id"],
        error=options["error"],
    )


def restricts(which: Filter) -> bool:
    """Return whether the filter leaves anything out."""
    return which != Filter(status=which.status)
