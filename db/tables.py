"""docs/tables.md: every table and view, as the models tell of them. `./run tables` writes it."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.dialects import postgresql

from db.base import Mirrored
from db.reading import described, mirrors

PAGE = Path(__file__).parents[1] / "docs" / "tables.md"
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]  # untyped there
_COMMON = frozenset(Mirrored.__annotations__)
_HEAD = """# Tables and views

`./run tables` writes this page from `db/models` and `db/views.py`. The same words are in the
database as comments (`\\d+` in psql). A column that is a field of the provider says which:
`user.locale`.
"""
_EVERY = """## Every mirror

The tables `<service>_<objects>` have these columns too. A *placeholder* is the row of an object
that was seen only in another one: it has its id and `clock` 0, and no content.
"""


def page() -> str:
    """Return the page."""
    return "\n".join([_HEAD, *map(_section, described()), _EVERY, *_rows(_every()), ""])


def _every() -> list[Column[Any]]:
    return [column for column in mirrors()[0].columns if column.name in _COMMON]


def _section(table: Table) -> str:
    kept = _COMMON if table in mirrors() else frozenset()
    columns = [column for column in table.columns if column.name not in kept]
    return "\n".join(
        [f"## {table.name}\n", f"{table.comment}\n", *_rows(columns), *_found_by(table), ""]
    )


def _found_by(table: Table) -> Iterator[str]:
    """Yield what an index finds, besides the key; what is to be fetched is our own affair."""
    columns = [[c.name for c in index.columns] for index in table.indexes]
    ours = [["refetch_at"], ["first_seen_at"]]
    named = sorted(", ".join(f"`{name}`" for name in one) for one in columns if one not in ours)
    if named:
        yield f"\nIndexed by {'; '.join(named)}."


def _rows(columns: Iterable[Column[Any]]) -> Iterator[str]:
    yield "| column | type | |"
    yield "|---|---|---|"
    for column in columns:
        key = " (key)" if column.primary_key else ""
        type_ = column.type.compile(_DIALECT).lower().replace("timestamp with time zone", _TIME)
        yield f"| `{column.name}` | {type_}{key} | {column.comment} |"


_TIME = "timestamptz"

if __name__ == "__main__":
    PAGE.write_text(page())
