"""`tallyman simulate`: Stripe, Clerk and the others on loopback, with dials for what goes wrong."""

import math
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from errno import EADDRINUSE
from random import Random
from typing import Any

import click

from simulator.dials import BadDialError, Dials
from simulator.living import Living
from simulator.world import World, sending, world
from tallyman.printing import as_json, print_json

_TELL_EVERY = 10  # seconds


def _dials(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command with an option for each dial."""
    for name, field in reversed(Dials.model_fields.items()):
        flag = f"--{name.replace('_', '-')}"
        options: dict[str, Any] = {"help": field.description, "default": field.default}
        if field.annotation is bool:
            command = click.option(flag, is_flag=True, **options)(command)
        else:
            command = click.option(flag, type=field.annotation, show_default=True, **options)(
                command
            )
    return command


def _address(_context: click.Context, _option: click.Parameter, url: str) -> str:
    """Return the URL without a slash at its end. Raises BadParameter for what is none."""
    if url and not re.match("https?://[^/]", url):
        raise click.BadParameter("no URL, such as http://127.0.0.1:8000")
    return url.rstrip("/")


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), default=12111, show_default=True, help="0: a free one."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Equal seeds, equal lives.")
@click.option(
    "--customers", type=click.IntRange(0, 100_000), default=100, show_default=True,
    help="Those who are there already.",
)  # fmt: skip
@click.option(
    "--pace", type=click.FloatRange(0, 1000), default=1.0, show_default=True,
    help="Things that happen in a second; 0 lets nothing happen.",
)  # fmt: skip
@click.option(
    "--webhooks-to", metavar="URL", default="", callback=_address,
    help="The receiver, as http://127.0.0.1:8000; without it no webhooks are sent.",
)  # fmt: skip
@click.option(
    "--for", "seconds", type=click.FloatRange(0),
    help="End after so many seconds, not by Ctrl-C or SIGTERM.",
)  # fmt: skip
@_dials
@as_json
def simulate(port: int, seed: int, webhooks_to: str, *, json_: bool, **how: Any) -> None:
    """Run stand-ins of Stripe, Clerk, Loops, PostHog and a Cloudflare Queue on loopback.

    They print the settings by which a system calls them, then live until Ctrl-C: customers come,
    change and leave, and signed webhooks tell of it, as badly as the dials say. Turn a dial while
    they run: curl -d '{"drop": 0.05}' http://127.0.0.1:12111/_dials
    """
    dials = _checked({name: how[name] for name in Dials.model_fields})
    with _running(seed, dials, webhooks_to, port) as running:
        living = Living(running, Random(f"living {seed}"))
        living.begin(how["customers"], seed)
        _say_settings(running, json_=json_)
        with sending(running):
            _live(living, how["pace"], how["seconds"])
        running.post.flush()
    (print_json if json_ else _say)(running.shown() | {"happened": living.happened})


@contextmanager
def _running(seed: int, dials: Dials, receiver: str, port: int) -> Iterator[World]:
    try:
        with world(seed, dials, receiver, port) as running:
            yield running
    except OSError as error:
        if error.errno != EADDRINUSE:
            raise
        raise click.ClickException(f"port {port} is in use; --port 0 takes a free one") from None


def _checked(dials: dict[str, Any]) -> Dials:
    turned = Dials()
    try:
        turned.turn(dials)
    except BadDialError as error:
        raise click.UsageError(f"--{str(error).replace('_', '-')}") from None
    return turned


def _say_settings(running: World, *, json_: bool) -> None:
    if json_:
        print_json(running.settings)
        return
    click.echo(f"# the simulator, on {running.url}; its dials: {running.url}/_dials")
    for name, value in running.settings.items():
        click.echo(f"{name}={value}")


def _live(living: Living, pace: float, seconds: float | None) -> None:
    """Have things happen until the time is over, Ctrl-C, or SIGTERM, as CI ends what it began."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _go_on(living, 1 / pace if pace else math.inf, math.inf if seconds is None else seconds)
    except KeyboardInterrupt:
        click.echo(err=True)
    finally:
        signal.signal(signal.SIGTERM, before)


def _go_on(living: Living, every: float, seconds: float) -> None:
    now = time.monotonic()
    due, tell, end = now + every, now + _TELL_EVERY, now + seconds
    while now < end:
        time.sleep(max(0, min(due, tell, end) - now))
        now = time.monotonic()
        if now >= due:
            living.go_on()
            due += every
        if now >= tell:
            _say(living.world.shown())
            tell += _TELL_EVERY


def _say(shown: dict[str, Any]) -> None:
    """Print in a line what became of webhooks and requests."""
    said = {**shown["webhooks"], **{f"{k} calls": v for k, v in shown["requests"].items()}}
    click.echo(", ".join(f"{name} {count}" for name, count in said.items()), err=True)
