"""How the commands print: tables for people, JSON for programs."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from worker.signals.words import age

__all__ = ["age", "as_json", "mapping", "print_json", "print_table", "shown"]
WIDE = 400  # columns: the terminal may wrap, we do not cut

as_json = click.option("--json", "json_", is_flag=True, help="Print JSON.")


def print_json(value: Any) -> None:
    """Print JSON, times in ISO form."""
    click.echo(json.dumps(value, default=_plain, indent=2))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return sorted(value) if isinstance(value, frozenset) else asdict(value)


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table as wide as it needs: a cut-off id is of no use to anyone."""
    table = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, no_wrap=True)
    for row in rows:
        table.add_row(*(shown(value) for value in row))
    console = Console(width=WIDE)
    with console.capture() as printed:
        console.print(table)
    click.echo("\n".join(line.rstrip() for line in printed.get().splitlines()))


def shown(value: object) -> str:
    """Return a value as a person wants to see it."""
    if value is None or value == "":
        return "-"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def mapping(row: Any) -> Mapping[str, Any]:
    """Return a database row as a mapping."""
    return dict(row._mapping)  # noqa: SLF001  SQLAlchemy's documented accessor
