"""`make rehearse`: thousands of customers, webhooks that go missing, and a database that is right.

CUSTOMERS, DROP, REPEAT, THROTTLE and SEED say how many, how bad and which. It ends with one line of
JSON; exit code 1 if anything differs.
"""

import secrets
import sys
import time

import click

from rehearsal.run import Asked, NotDoneError, rehearse

_SHARE = click.FloatRange(0, 1)


@click.command(help=__doc__)
@click.option("--customers", default=10_000, show_default=True, type=click.IntRange(1))
@click.option("--drop", default=0.05, show_default=True, type=_SHARE, help="Webhooks never sent.")
@click.option("--repeat", default=0.1, show_default=True, type=_SHARE, help="Webhooks sent twice.")
@click.option("--throttle", default=0.002, show_default=True, type=_SHARE, help="Requests refused.")
@click.option("--seed", type=int, help="The same again; without it another one each time.")
def main(customers: int, drop: float, repeat: float, throttle: float, seed: int | None) -> None:
    """Run it, and say what came of it."""
    begun = time.monotonic()
    seed = secrets.randbelow(2**31) if seed is None else seed
    click.echo(f"seed {seed}")
    asked = Asked(customers, seed, drop, repeat, throttle)
    try:
        result = rehearse(asked, lambda words: _say(time.monotonic() - begun, words))
    except (NotDoneError, TimeoutError) as error:
        sys.exit(f"error: {error}")
    for line in result.lines():
        click.echo(line)
    sys.exit(result.code)


def _say(seconds: float, words: str) -> None:
    click.echo(f"[{seconds:4.0f} s] {words}")


if __name__ == "__main__":
    main()
