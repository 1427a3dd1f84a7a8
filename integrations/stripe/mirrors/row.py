"""From an object to its row: each column is the schema's field or property of its name."""

from functools import cache
from typing import Any

from integrations.interface import Row
from integrations.schema import Resource


def row(model: type[Any], of: Resource, *, whole: bool = True) -> Row:
    """Return the row of an object."""
    names: tuple[str, ...] = _names(model.__table__, type(of))
    return Row(model, of, {name: getattr(of, name) for name in names}, whole)


@cache
def _names(table: Any, schema: Any) -> tuple[str, ...]:
    told = {name for name in dir(schema) if name[0] != "_"} | set(schema.model_fields)
    return tuple(c.name for c in table.columns if c.name in told and c.name != "id")
