"""What is printed of a run: who was skipped, dead or refused, what stayed empty, and the counts."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from simulator.corpus import Skipped
from tallyman.corpus.outcomes import WORST_FIRST, Outcome, What, worst
from tallyman.corpus.tables import Empty, Filled
from tallyman.printing import print_table

NAMED = 3  # files, where many share a reason


def print_skipped(skipped: Sequence[Skipped]) -> None:
    """Print what nobody sends, by the reason."""
    by_why: dict[str, list[str]] = defaultdict(list)
    for one in skipped:
        by_why[one.why].append(str(one.file))
    rows = [(len(files), why, _some(files)) for why, files in by_why.items()]
    _print(f"Skipped: {len(skipped)}", ("", "why", "files"), rows)


def print_outcomes(outcomes: Sequence[Outcome]) -> None:
    """Print the payloads that are dead, refused or errors, one by one; of tortures the counts."""
    provided = [o for o in outcomes if not o.payload.malformed]
    for what in ("errors", "dead", "refused"):
        rows = [(o.payload, o.type, o.why) for o in provided if o.what == what]
        _print(f"{what.capitalize()}: {len(rows)}", ("payload", "type", "why"), rows)
    tortures = [o for o in outcomes if o.payload.malformed]
    wrong = [(o.payload, o.why) for o in tortures if o.what == "errors"]
    _print(f"Malformed: {_counted(tortures)}", ("errors", "why"), wrong)


def print_services(outcomes: Sequence[Outcome]) -> None:
    """Print how many payloads of each service ended how; a file may hold many."""
    rows = []
    for service, some in _by_service(outcomes).items():
        counts = Counter(o.what for o in some)
        files = len({o.payload.file for o in some})
        rows.append((service, files, len(some), *(counts[what] for what in WORST_FIRST)))
    _print(
        "Payloads, of which a file may hold many",
        ("service", "files", "payloads", *WORST_FIRST),
        rows,
    )


def print_tables(filled: Sequence[Filled]) -> None:
    """Print the share of its columns that each table holds something in."""
    rows = [
        (one.table, one.rows, f"{len(one.filled)}/{one.columns}", _percent(one.share))
        for one in filled
    ]
    _print("Columns", ("table", "objects", "filled", "share"), rows)
    for one in filled:
        if one.rows and one.never:
            click.echo(f"never filled in {one.table}: {', '.join(one.never)}")


def print_empty(empty: Sequence[Empty], outcomes: Iterable[Outcome]) -> None:
    """Print the objects of which every optional field is empty."""
    payloads = {o.payload.event_id: o.payload for o in outcomes}
    rows = [(one.table, one.id, payloads.get(one.event_id, one.event_id)) for one in empty]
    _print(f"All optional fields empty: {len(rows)}", ("table", "id", "payload"), rows)


def summary(outcomes: Sequence[Outcome], crashes: int) -> Mapping[str, Any]:
    """Return the counts of files; one that holds several payloads counts as its worst.

    `crashes`, of processes, are nobody's in particular: they add to the errors.
    """
    provided = [o for o in outcomes if not o.payload.malformed]
    tortures = [o for o in outcomes if o.payload.malformed]
    ends = Counter(_files(provided).values())
    return {
        "files": len(_files(provided)),
        **{what: ends[what] for what in ("handled", "ignored", "dead", "refused")},
        "errors": ends["errors"] + crashes,
        "services": {s: len(_files(some)) for s, some in _by_service(provided).items()},
        "malformed": {
            "files": len(tortures),
            "errors": sum(o.what == "errors" for o in tortures),
        },
    }


def last_line(counts: Mapping[str, Any]) -> str:
    """Return the counts as the line that programs read."""
    return json.dumps(counts)


def _print(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    click.echo(f"\n{title}")
    if rows:
        print_table("", columns, rows)


def _files(outcomes: Iterable[Outcome]) -> dict[str, What]:
    """Return what became of each file."""
    parts: dict[str, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        parts[str(one.payload.file)].append(one)
    return {file: worst(some) for file, some in parts.items()}


def _by_service(outcomes: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    found: dict[str, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        if not one.payload.malformed:
            found[one.payload.service].append(one)
    return dict(found)


def _counted(outcomes: Iterable[Outcome]) -> str:
    counts = Counter(o.what for o in outcomes)
    return ", ".join(f"{counts[what]} {what}" for what in WORST_FIRST if counts[what]) or "none"


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{share:.0%}"


def _some(files: Sequence[str]) -> str:
    more = f" and {n} more" if (n := len(files) - NAMED) > 0 else ""
    return f"{', '.join(files[:NAMED])}{more}"
