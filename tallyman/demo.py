"""`make demo`: start everything, play the story, show what became of it, and judge it."""

import os
import sys
import tempfile
import time
from pathlib import Path

import click

from local.supervisor import running
from settings import ROOT
from tallyman.loopback import loopback
from tallyman.play import Demo
from tallyman.stage import SCHEMA, Stage
from tallyman.system import emptied_stores, system

GIVEN = {
    "HANDLERS": "simulator.handlers",
    "RETRY_FIRST_SECONDS": "0.5",
    "DATABASE_SCHEMA": SCHEMA,
    "LOG_FORMAT": "console",
    "STRIPE_API_KEY": "sk_test_demo",  # the story is in test mode, whatever key is around
}


def main() -> None:
    """Run the demo; exit with 0 only if everything ended as the story says."""
    os.chdir(ROOT)
    begun = time.monotonic()
    click.echo(
        "starting stores, receiver, workers, beat, and stand-ins of Loops, PostHog and R2 ..."
    )
    with (
        tempfile.TemporaryDirectory(prefix="tallyman-demo-") as logs,
        loopback() as others,
        system(None, GIVEN | others.settings | emptied_stores(SCHEMA), alone=True) as made,
    ):
        programs = [program for program in made.programs if program.name != "flower"]
        with running(programs, Path(logs)) as supervisor:
            wrong = Demo(Stage(made, supervisor, others)).play()
    click.echo(
        f"\n{'as expected' if not wrong else 'NOT AS EXPECTED'}: {time.monotonic() - begun:.0f} s"
    )
    sys.exit("\n".join(wrong) or 0)


if __name__ == "__main__":
    main()
