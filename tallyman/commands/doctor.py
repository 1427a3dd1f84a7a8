"""`tallyman doctor` and `migrate`: is the set-up sound, and are the tables there?"""

import click
from rich.console import Console

from db import migrate as migrations
from tallyman.printing import as_json, print_json
from worker import checks

_MARKS = {"ok": "[green]ok  [/]", "warn": "[yellow]warn[/]", "fail": "[red]FAIL[/]"}


@click.command()
@as_json
def doctor(json_: bool) -> None:
    """Look at settings, Redis and Postgres; exit with 1 if something is to be mended."""
    findings = list(checks.findings())
    if json_:
        print_json(findings)
    else:
        _print(findings)
    raise SystemExit(any(finding.level != "ok" for finding in findings))


def _print(findings: list[checks.Finding]) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for finding in findings:
        console.print(f"{_MARKS[finding.level]}  {finding.what}")
        if finding.mend:
            console.print(f"      -> {finding.mend}")


@click.command()
def migrate() -> None:
    """Bring the tables to the newest form; safe to run twice, and at once."""
    migrations.upgrade()
    click.echo("the tables have their newest form")
