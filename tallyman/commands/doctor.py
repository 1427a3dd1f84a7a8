"""`tallyman doctor` and `migrate`: is the set-up sound, and are the tables there?"""

import click
from rich.console import Console

from console import checks as console_checks
from db import migrate as migrations
from tallyman.printing import as_json, print_json
from worker import (
    archive_checks,
    checks,
    endpoint_checks,
    erasure_checks,
    oauth_checks,
    secret_checks,
    service_checks,
    store_checks,
    worker_checks,
)
from worker.contracts import contract_checks
from worker.syncs import sync_checks

_MARKS = {
    "ok": "[green]ok  [/]",
    "off": "[dim]off [/]",
    "warn": "[yellow]warn[/]",
    "fail": "[red]FAIL[/]",
}


@click.command()
@click.option("--calls", is_flag=True, help="Also ask services about our key and endpoints.")
@as_json
def doctor(calls: bool, json_: bool) -> None:
    """Look at settings, stores and services; exit with 1 if something is to be mended."""
    findings = [
        *checks.findings(),
        *store_checks.findings(),
        *secret_checks.findings(),
        *archive_checks.findings(),
        *erasure_checks.findings(),
        *service_checks.findings(calls=calls),
        *sync_checks.findings(),
        *worker_checks.findings(),
        *contract_checks.findings(),
        *oauth_checks.findings(),
        *console_checks.findings(),
        *(endpoint_checks.findings() if calls else ()),
    ]
    if json_:
        print_json(findings)
    else:
        _print(findings)
    raise SystemExit(any(finding.level in {"warn", "fail"} for finding in findings))


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
