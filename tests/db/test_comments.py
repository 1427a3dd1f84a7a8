"""Every table and column says what it holds, and the fields that are named exist."""

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import AliasChoices, AliasPath, BaseModel

from db.reading import described
from integrations import INTEGRATIONS
from integrations.interface import Members
from integrations.schema import Resource
from tests.integrations.examples import OBJECTS, project

MIRRORS = [(s.name, kind) for s in INTEGRATIONS.values() for kind in s.mirrors]
TABLES = described()


def common(model):
    """Return the columns that are not the object's own."""
    return {name for one in model.__mro__[1:] for name in getattr(one, "__annotations__", {})}


def paths(name, alias) -> Iterator[list[str]]:
    """Yield where a field is looked for."""
    yield [name]
    for one in alias.choices if isinstance(alias, AliasChoices) else [alias]:
        path = one.path if isinstance(one, AliasPath) else [one]
        yield [part for part in path if isinstance(part, str)]


def shapes_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from shapes_in(inner)


def is_json(annotation: Any) -> bool:
    """Return whether more may be in the value than its schema says."""
    return annotation is Any or any(map(is_json, get_args(annotation)))


def leads(annotation: Any, rest: list[str]) -> bool:
    """Return whether the field's value has what the rest of a path names."""
    inner = any(reads(shape, rest) for shape in shapes_in(annotation))
    return rest in ([], ["id"]) or is_json(annotation) or inner  # an id may come as its object


def reads(schema: type[BaseModel], path: list[str]) -> bool:
    """Return whether the schema reads the field."""
    return any(
        path[: len(start)] == start and leads(field.annotation, path[len(start) :])
        for name, field in schema.model_fields.items()
        for start in paths(name, field.validation_alias)
    )


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_and_each_of_its_columns_say_what_they_hold(table):
    assert table.comment
    assert [column.name for column in table.columns if not column.comment] == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_database_says_the_same(table, sql):
    found = sql.execute(
        "SELECT attname, col_description(attrelid, attnum) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
        [table.name],
    ).fetchall()
    assert dict(found) == {column.name: column.comment for column in table.columns}
    said = sql.execute("SELECT obj_description(%s::regclass, 'pg_class')", [table.name])
    assert said.fetchone() == (table.comment,)


@pytest.mark.parametrize(("service", "kind"), MIRRORS)
def test_each_column_of_a_mirror_names_a_field_that_is_read(service, kind):
    mirror = INTEGRATIONS[service].mirrors[kind]
    for column in mirror.model.__table__.columns:
        if column.name not in common(mirror.model) | {"id"}:
            assert column.comment.startswith(f"{kind}."), column
            assert reads(mirror.schema, cited(column, kind)), column


@pytest.mark.parametrize(("service", "kind"), MIRRORS)
def test_each_column_of_a_member_names_a_field_that_is_read(service, kind):
    made = project(service, OBJECTS[service][kind], kind)
    for members in (part for part in made if isinstance(part, Members)):
        of = members.model.__table__.columns["id"].comment.removesuffix(".id")
        for row in members.rows:
            for column in members.model.__table__.columns:
                if column.name not in common(members.model) | {members.column}:
                    assert column.comment.startswith(f"{of}."), column
                    assert isinstance(row.of, Resource)
                    assert reads(type(row.of), cited(column, of)), column


def cited(column, kind):
    """Return the path of the field that a comment begins with."""
    field = column.comment.removeprefix(f"{kind}.").split(" ")[0].rstrip(",:;")
    return re.sub(r"\[\d*\]", "", field).split(".")
