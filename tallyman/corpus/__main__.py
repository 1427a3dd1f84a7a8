"""`make corpus`: send what others published through the whole system, and say what became of it."""

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from settings import ROOT
from simulator.corpus import Payload, Skipped, read
from tallyman.corpus import report
from tallyman.corpus.outcomes import Outcome
from tallyman.corpus.run import GIVEN, SCHEMA, run
from tallyman.corpus.tables import look
from tallyman.system import System, system


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def corpus(folder: Path) -> None:
    """Send every payload of the corpus in FOLDER; exit with 1 if there were errors.

    On embedded stores, whatever the environment names: nobody's inbox is taken for it.
    """
    found = list(read(folder.resolve()))
    payloads = [one for one in found if isinstance(one, Payload)]
    report.print_skipped([one for one in found if isinstance(one, Skipped)])
    click.echo(f"\nsending {len(payloads)} payloads through the whole system ...")
    os.chdir(ROOT)
    with (
        tempfile.TemporaryDirectory(prefix="tallyman-corpus-") as logs,
        system(None, GIVEN, alone=True) as made,  # nobody's handlers, events of both modes
    ):
        outcomes, crashes = run(made, Path(logs), payloads)
        _print(made, outcomes)
    for crash in crashes:
        click.echo(f"a process ended: {crash}")
    counts = report.summary(outcomes, len(crashes))
    click.echo(f"\n{report.last_line(counts)}")
    sys.exit(1 if counts["errors"] or counts["malformed"]["errors"] else 0)


def _print(made: System, outcomes: Sequence[Outcome]) -> None:
    filled, empty = look(made.variables["DATABASE_URL"], SCHEMA)
    report.print_outcomes(outcomes)
    report.print_empty(empty, outcomes)
    report.print_tables(filled)
    report.print_services(outcomes)


if __name__ == "__main__":
    corpus()
