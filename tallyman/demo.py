"""`make demo`: start everything, play the story, show what became of it, and judge it."""

import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import click

from local.supervisor import running
from settings import ROOT
from tallyman.loopback import loopback
from tallyman.play import Demo
from tallyman.stage import SCHEMA, Stage
from tallyman.system import emptied_stores, system

GIVEN = {
    "HANDLERS": "tallyman.demo_handlers",
    "RETRY_FIRST_SECONDS": "0.5",
    "DATABASE_SCHEMA": SCHEMA,
    "LOG_FORMAT": "console",
    "SYNC_EVENTS_SECONDS": "0",  # it catches up when it says so
    "OUTWARD_HOURS": "0",  # each call to Loops is counted
    "RECONCILE_HOURS": "0",  # what the story has told so far is not yet all that Stripe holds
}


def main() -> None:
    """Run the demo; exit with 0 only if everything ended as the story says."""
    os.chdir(ROOT)
    begun = time.monotonic()
    click.echo(
        "starting stores, receiver, workers, beat, and Stripe, Loops, PostHog and R2, simulated ..."
    )
    with (
        tempfile.TemporaryDirectory(prefix="tallyman-demo-") as logs,
        loopback() as others,
        system(None, GIVEN | others.settings | emptied_stores(SCHEMA), alone=True) as made,
    ):
        programs = [one for one in made.programs if one.name not in {"flower", "console"}]
        with running(programs, Path(logs)) as supervisor:
            wrong = Demo(Stage(made, supervisor, others)).play()
            _end(pid for program in programs if (pid := supervisor.pid(program.name)))
    click.echo(
        f"\n{'as expected' if not wrong else 'NOT AS EXPECTED'}: {time.monotonic() - begun:.0f} s"
    )
    sys.exit("\n".join(wrong) or 0)


def _end(pids: Iterable[int]) -> None:
    """Ask all to end at once: nothing comes any more for which one would outlive another."""
    for pid in pids:
        os.kill(pid, signal.SIGTERM)


if __name__ == "__main__":
    main()
