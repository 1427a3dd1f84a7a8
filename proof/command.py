"""`tallyman prove`: the promises, tried on a system of its own; exit code 1 if one did not hold."""

import os
import secrets
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click
from pydantic import TypeAdapter

from local import child
from proof import report
from proof.parts import PARTS, UNASKED
from proof.report import Finding, Part
from settings import ROOT

FOLDER = ROOT / "prove"


@click.command()
@click.argument("service", required=False)
@click.option("--minutes", default=5.0, show_default=True, help="About; not under four.")
@click.option("--seed", type=int, help="Try the same again; without it another one each time.")
@click.option("--only", multiple=True, type=click.Choice(list(PARTS)), help="Only this part.")
@click.option("--to", default=FOLDER, type=click.Path(path_type=Path), help="Where to write.")
def prove(
    service: str | None, minutes: float, seed: int | None, only: Sequence[str], to: Path
) -> None:
    """Try the promises: kill it anywhere, shuffle everything, feed it anything.

    With SERVICE, only the stories of that service are shuffled. Everything happens on embedded
    stores of its own. Writes report.md and report.json.
    """
    if service and only:
        raise click.UsageError("a SERVICE is only shuffled: leave --only out")
    seed = secrets.randbelow(2**31) if seed is None else seed
    click.echo(f"seed {seed}")
    names = ["convergence"] if service else only or UNASKED
    parts = [
        part
        for name in names
        for part in _run(name, seed, minutes * 60 * PARTS[name].share, [service] if service else [])
    ]
    report.write(to, seed, parts)
    click.echo(f"\n{report.summary(parts)}\nwritten to {to}/report.md and report.json")
    sys.exit(1 if any(part.findings for part in parts) else 0)


def _run(name: str, seed: int, seconds: float, services: Sequence[str]) -> list[Part]:
    """Run one part in a process of its own, which no `.env` of the developer's reaches."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tallyman-proof-") as folder:
        to = Path(folder) / "part.json"
        times = ["--seed", str(seed), "--seconds", str(seconds), "--to", str(to)]
        command = [sys.executable, "-m", "proof", name, *services, *times]
        environment = {**os.environ, "TALLYMAN_NO_ENV_FILES": "1"}  # noqa: TID251  handed on
        process = child.start(
            command, output=1, env=environment, folder=ROOT, dies_by=signal.SIGTERM
        )
        try:
            code = process.wait()
        finally:
            child.end(process, seconds=60)  # it has a whole system to end, if it still runs
        click.echo(f"{name}: {time.monotonic() - begun:.0f} s")
        if code:
            broken = Finding("broken off", f"{name} ended with exit code {code}")
            return [Part(name, findings=[broken])]
        return TypeAdapter(list[Part]).validate_json(to.read_bytes())
