"""What the proof tried and found, as values; and as the two files that it writes."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

COUNTED = (
    "accepted",
    "applied",
    "retrying",
    "dead",
    "lost",
    "doubled",
    "effects",
    "kills",
    "fault_points",
    "orders_tried",
    "divergent",
    "hostile_requests",
    "server_errors",
    "forgeries_accepted",
)
"""What report.json counts, over all parts."""

SHOWN = 20  # findings of a kind, in the text


@dataclass(frozen=True, slots=True)
class Finding:
    """A promise that did not hold: which kind, and the ids or words that show it."""

    kind: str
    what: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one matter, as the report shows them."""

    heads: Sequence[str]
    rows: Sequence[Sequence[object]]

    def markdown(self) -> str:
        """Return the table as Markdown."""
        lines = [self.heads, ["---"] * len(self.heads), *self.rows]
        return "".join(f"| {' | '.join(str(cell) for cell in line)} |\n" for line in lines)


@dataclass(frozen=True, slots=True)
class Part:
    """What one part of the proof tried and found. `counts` are of COUNTED."""

    title: str
    counts: Mapping[str, int] = field(default_factory=dict)
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()
    """Sentences beside the tables: what was left out, and why."""
    findings: Sequence[Finding] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    """What stands beside the report, by name: pictures that the notes refer to."""

    def markdown(self) -> str:
        """Return the part as a chapter."""
        shown = "\n".join(table.markdown() for table in self.tables)
        notes = "".join(f"{note}\n\n" for note in self.notes)
        return f"## {self.title}\n\n{notes}{shown}\n{_listed(self.findings)}"


def _listed(findings: Sequence[Finding]) -> str:
    lines = [f"- **{kind}**: {what}\n" for kind, what in _some_of_each(findings)]
    return "".join(lines) or "Nothing was found.\n"


def _some_of_each(findings: Sequence[Finding]) -> Iterator[tuple[str, str]]:
    """Yield up to SHOWN findings of each kind, and how many more there are of it."""
    for kind in dict.fromkeys(finding.kind for finding in findings):
        mine = [finding.what for finding in findings if finding.kind == kind]
        yield from ((kind, what) for what in mine[:SHOWN])
        if len(mine) > SHOWN:
            yield kind, f"and {len(mine) - SHOWN} more"


def counts(parts: Iterable[Part]) -> dict[str, int]:
    """Return the sums over all parts, of all that is counted."""
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part.counts)
    return {name: total[name] for name in COUNTED}


def summary(parts: Sequence[Part]) -> str:
    """Return what a terminal shows at the end."""
    lines = [f"{name:<20} {count:>9}" for name, count in counts(parts).items()]
    findings = [finding for part in parts for finding in part.findings]
    found = [f"{kind}: {what}" for kind, what in _some_of_each(findings)]
    return "\n".join([*lines, *found, "nothing was found" if not found else "FOUND"])


def write(folder: Path, seed: int, parts: Sequence[Part]) -> None:
    """Write report.md and report.json, and the files of the parts beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    summed = counts(parts)
    table = Table(["what", "how many"], list(summed.items()))
    chapters = "\n".join(part.markdown() for part in parts)
    head = f"# What was proved, with seed {seed}\n\n{table.markdown()}\n"
    (folder / "report.md").write_text(head + chapters)
    (folder / "report.json").write_text(json.dumps({"seed": seed, **summed}, indent=2) + "\n")
    for name, text in (item for part in parts for item in part.files.items()):
        (folder / name).write_text(text)
