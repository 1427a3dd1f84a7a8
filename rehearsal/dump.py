"""What the services hold, written down for who compares: the simulator's own stores."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from simulator.stripe_shapes import as_of
from simulator.text import JSON

Objects = Mapping[str, Mapping[str, JSON]]
"""By type and id."""
Gone = Mapping[tuple[str, str, str], int]
"""When an object of that service, type and id was deleted, in Unix seconds."""


def dump(
    folder: Path, service: str, objects: Objects, gone: Gone, columns: Mapping[str, object]
) -> None:
    """Write a folder of the service's name: the objects as the service shows them.

    `columns` are what every row of the service must say besides. Raises OSError.
    """
    where = folder / service
    where.mkdir(parents=True, exist_ok=True)
    (where / "columns.json").write_text(json.dumps(columns))
    for of, by_id in objects.items():
        shown = (_shown(service, obj) for obj in by_id.values())
        _write(where / f"{of}.jsonl", shown)
    types = {of for whose, of, _ in gone if whose == service}
    for of in types:
        ended = [
            (id, at) for (whose, kind, id), at in gone.items() if (whose, kind) == (service, of)
        ]
        _write(where / f"{of}.gone.jsonl", ({"id": id, "at": at} for id, at in ended))


def _shown(service: str, obj: JSON) -> JSON:
    return as_of("", obj) if service == "stripe" else obj


def _write(path: Path, lines: Iterable[JSON]) -> None:
    with path.open("w") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
