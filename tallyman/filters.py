"""The options by which commands choose events."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from integrations import INTEGRATIONS
from integrations.targets import TARGETS
from worker.search import Filter

Command = Callable[..., None]
SERVICES = click.Choice(list(INTEGRATIONS))
TARGET_NAMES = click.Choice(list(TARGETS))
ALL_NAMES = click.Choice(list(dict.fromkeys([*INTEGRATIONS, *TARGETS])))
AT_MOST = click.IntRange(min=1, max=100_000)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Time(click.ParamType[datetime]):
    """A moment: `2026-11-22`, `2026-11-22T14:00`, or so long ago: `90s`, `15m`, `2h`, `7d`."""

    name = "time"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        """Return the moment, in UTC where no zone is given; fails with how to write it."""
        try:
            return _moment(value)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is neither like 2026-11-22T14:00 nor like 2h", param, ctx)


def _moment(value: str) -> datetime:
    if value[:-1].isdecimal() and value[-1] in _UNITS:
        return datetime.now(UTC) - timedelta(**{_UNITS[value[-1]]: int(value[:-1])})
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class Text(click.ParamType[str]):
    """A text that says something: an empty one, of a variable not set, must not mean all."""

    name = "text"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """Return the text as it is; fails if it is blank, or no Unicode."""
        if not value.strip():
            self.fail("it is empty", param, ctx)
        try:
            value.encode()
        except UnicodeEncodeError:  # bytes of the command line that are no UTF-8
            self.fail("it is no UTF-8", param, ctx)
        return str(value)


_SERVICE = click.option("--service", type=SERVICES, help="Of this service.")
_ANY = click.option("--service", type=ALL_NAMES, help="Of this service, or to this target.")
_OPTIONS = (
    click.option("--type", "event_type", type=Text(), help="Of this type; * stands for anything."),
    click.option("--since", type=Time(), help="Received since: 2026-11-22T14:00, 15m, 2h, 7d."),
    click.option("--until", type=Time(), help="Received before."),
    click.option("--error", type=Text(), help="Whose error holds this text."),
)


_BEGINNING = click.option("--id", "event_id", type=Text(), help="Whose id begins so.")
_EXACT = click.option("--id", "exact_id", type=Text(), help="Whose id is this.")


def filtered(command: Command) -> Command:
    """Add the options to a command that shows; `chosen` makes a Filter of their values."""
    return _with([_SERVICE, *_OPTIONS, _BEGINNING], command)


def listing(command: Command) -> Command:
    """Add the options to the command that shows dead letters, those to targets too."""
    return _with([_ANY, *_OPTIONS, _BEGINNING], command)


def exactly_filtered(command: Command) -> Command:
    """Add the options to a command that changes something: there an id means one event."""
    return _with([_SERVICE, *_OPTIONS, _EXACT], command)


def _with(options: Sequence[Callable[[Command], Command]], command: Command) -> Command:
    for option in reversed(options):
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
        id=options.get("event_id"),
        exact_id=options.get("exact_id"),
        error=options["error"],
        entity=options.get("entity"),
    )


def restricts(which: Filter) -> bool:
    """Return whether the filter leaves anything out."""
    return which != Filter(status=which.status)
