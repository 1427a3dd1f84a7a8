"""Every column of Clerk's mirrors, in an old and in the current shape of each object.

The current shapes fill every column.
"""

import pytest

from db.base import Mirrored
from integrations.clerk import CLERK
from integrations.interface import Row
from tests.integrations.clerk import current_shapes, old_shapes
from tests.integrations.examples import clerk_event, read


def columns_of(kind):
    """Return the names of a mirror's own columns."""
    return CLERK.mirrors[kind].model.__table__.columns.keys() - Mirrored.__annotations__.keys()


def projected(kind, obj):
    snapshot = read("clerk", clerk_event(obj)).snapshot
    row, *_ = CLERK.mirrors[kind].project(snapshot)
    assert isinstance(row, Row)
    return {"id": row.id} | dict(snapshot.columns) | dict(row.values)


@pytest.mark.parametrize("kind", CLERK.mirrors)
def test_every_column_is_expected_in_both_shapes_and_filled_by_the_current_one(kind):
    (_, current), (_, old) = current_shapes.SHAPES[kind], old_shapes.SHAPES[kind]
    assert current.keys() == old.keys() == columns_of(kind)
    assert [name for name, value in current.items() if value is None] == []


@pytest.mark.parametrize("kind", CLERK.mirrors)
@pytest.mark.parametrize("shapes", [current_shapes, old_shapes], ids=["current", "old"])
def test_every_column_holds_what_the_object_says(kind, shapes):
    obj, expected = shapes.SHAPES[kind]
    assert projected(kind, obj) == expected
