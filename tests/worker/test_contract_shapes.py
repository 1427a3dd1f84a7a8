"""What is known of the shape of a service's bodies, and what counts as a change of it."""

from itertools import product

import pytest

from worker.contracts import shapes
from worker.contracts.shapes import LEARNED, MISSED, STEADY, Fields, learn, shape

PLAIN = {"id": "x", "name": "Ada", "address": {"city": "Paris"}, "score": None}


def told(*bodies):
    """Return what is reported of so many bodies, in this order."""
    known: Fields = {}
    found = []
    for body in bodies:
        found += [(one.path, one.change) for one in learn(known, shape(body))]
    return found


def without(name):
    return {key: value for key, value in PLAIN.items() if key != name}


@pytest.mark.parametrize(
    ("after", "found"),
    [
        ([PLAIN | {"age": 1}] * STEADY, [("age", "new")]),
        ([PLAIN | {"age": None}] * 50, [("age", "new")]),
        ([PLAIN | {"more": {"a": {"b": 1}}}] * 50, [("more", "new")]),
        ([PLAIN | {"address": {"city": "Rome", "zip": "1"}}] * STEADY, [("address.zip", "new")]),
        ([without("name")] * MISSED, [("name", "missing")]),
        ([without("name")] * 90, [("name", "missing")]),
        ([PLAIN | {"address": {}}] * MISSED, [("address.city", "missing")]),
        ([PLAIN | {"name": 7}] * 3, [("name", "retyped")]),
        (
            [PLAIN | {"name": {"first": "Ada"}}, PLAIN, PLAIN | {"name": []}],
            [("name", "retyped")] * 2,
        ),
    ],
    ids=str,
)
def test_a_change_is_reported_once(after, found):
    assert told(*[PLAIN] * LEARNED, *after) == found


@pytest.mark.parametrize(
    "after",
    [
        [PLAIN | {"age": 1}] * (STEADY - 1),
        [PLAIN | {"age": 1}, PLAIN] * 30,
        [without("name")] * (MISSED - 1),
        [PLAIN | {"name": None}] * 50,
        [PLAIN | {"address": None}] * 50,
        [PLAIN | {"score": 1}, PLAIN | {"score": 1.5}],
    ],
    ids=str,
)
def test_what_is_optional_is_no_change(after):
    assert told(*[PLAIN] * LEARNED, *after) == []


def test_nothing_is_a_change_before_enough_was_seen():
    assert told(*[PLAIN] * (LEARNED - 2), PLAIN | {"name": 7}, *[without("name")] * 50) == []


def test_a_field_that_came_and_went_before_is_never_missing():
    some = [PLAIN, without("name")] * LEARNED
    assert told(*some, *[PLAIN] * LEARNED, *[without("name")] * 90) == []


@pytest.mark.parametrize(
    "keys",
    [
        ["price_1Oa2Bc3De4"],
        ["ada@example.org"],
        ["2026-11-23"],
        ["0"],
        ["a b"],
        ["x" * 65],
        ["".join(letters) for letters in product("abcde", repeat=3)],
    ],
    ids=lambda keys: keys[0][:20],
)
def test_keys_that_are_somebodys_own_are_no_fields(keys):
    assert sorted(shape({"of": dict.fromkeys(keys, "v")})) == ["*", "of"]


@pytest.mark.parametrize("name", ["metadata", "public_metadata", "previous_attributes"])
def test_maps_by_name_are_no_fields(name):
    assert sorted(shape({name: {"plan": "pro"}})) == ["*", name]


@pytest.mark.parametrize("name", ["line1", "sha256", "$browser_version", "totalCount", "x-y"])
def test_such_names_are_fields(name):
    assert name in shape({name: 1})


def test_elements_of_a_list_share_a_path():
    found = shape({"items": [{"a": 1}, {"a": "b"}, None]})
    assert found["items[].a"] == {"number", "string"}
    assert found["items[]"] == {"object"}


def test_more_fields_than_a_type_has_are_not_learned():
    known: Fields = {}
    names = ["".join(letters) for letters in product("abcdefg", repeat=4)]
    for start in range(0, len(names), 100):
        list(learn(known, shape(dict.fromkeys(names[start : start + 100], 1))))
    assert shapes.PATHS <= len(known) < shapes.PATHS + 101 < len(names)
