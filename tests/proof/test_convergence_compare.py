"""The checker, on rows made by hand."""

import ast
import sys
from pathlib import Path

import pytest

from proof.convergence import compare
from proof.convergence.compare import Content, Expected, differences, read, strays, wrong

ITEM = {"id": "i_1", "quantity": 1}
ADA, BEA = ({"id": "x_1", "name": name} for name in ("Ada", "Bea"))
FIRST = Content(ADA, {"items": {"i_1": ITEM}})
SECOND = Content(BEA, {"items": {}})
KEY, MEMBER = ("things", "", "x_1"), ("items", "x_1", "i_1")
TIED = Expected("things", "x_1", [FIRST, SECOND], clock=1000, truth=SECOND)
PLAIN = Expected("things", "x_1", [FIRST], clock=1000, truth=FIRST)
DUE, GONE = "2023-11-14T22:13:21+00:00", "2023-11-14T22:13:20+00:00"


def row(data=ADA, **columns):
    shape = {"clock": 1000, "deleted_at": None, "refetch_at": None, "last_event_id": "evt_1"}
    return {"id": "x_1", "data": data} | shape | columns


def item(data=ITEM):
    return {"id": "i_1", "data": data, "refetch_at": None}


def test_it_imports_nothing_of_the_product():
    tree = ast.parse(Path(compare.__file__).read_text())
    names = {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    names |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    assert {name.split(".")[0] for name in names} <= {*sys.stdlib_module_names, "psycopg"}


SOUND = [
    (PLAIN, {KEY: row(), MEMBER: item()}, False),
    (TIED, {KEY: row(refetch_at=DUE), MEMBER: item()}, False),
    (TIED, {KEY: row(BEA, refetch_at=DUE)}, False),
    (TIED, {KEY: row(BEA, clock=5000)}, True),
    (Expected("things", "x_1"), {KEY: row(None, clock=0, last_event_id=None)}, False),
    (
        Expected("things", "x_1", [FIRST], 1000, FIRST, deleted_at=1_700_000_000),
        {KEY: row(deleted_at=GONE), MEMBER: item()},
        False,
    ),
    (
        Expected("things", "x_1", [FIRST, SECOND], 1000, SECOND, deleted_at=1_700_000_000),
        {KEY: row(deleted_at=GONE, refetch_at=DUE), MEMBER: item()},
        True,
    ),
]
UNSOUND = [
    (PLAIN, {}, False, "things x_1 is missing"),
    (PLAIN, {KEY: row(BEA)}, False, 'things x_1.data is {"name": "Bea"}, not {"name": "Ada"}'),
    (PLAIN, {KEY: row()}, False, "items x_1/i_1 is missing"),
    (PLAIN, {KEY: row(), MEMBER: item({"id": "i_1"})}, False, "of another version"),
    (PLAIN, {KEY: row(), MEMBER: item(), ("items", "x_1", "i_2"): {}}, False, "i_2 is nobody's"),
    (PLAIN, {KEY: row(deleted_at=GONE), MEMBER: item()}, False, "not None"),
    (PLAIN, {KEY: row(refetch_at=DUE), MEMBER: item()}, False, "not after a tie"),
    (PLAIN, {KEY: row(clock=2000), MEMBER: item()}, False, "clock is 2000, not 1000"),
    (TIED, {KEY: row(), MEMBER: item()}, False, "refetch_at is None, after a tie"),
    (TIED, {KEY: row(BEA, refetch_at=DUE), MEMBER: item()}, False, "items x_1/i_1 is nobody's"),
    (TIED, {KEY: row(clock=5000), MEMBER: item()}, True, '{"name": "Ada"}, not {"name": "Bea"}'),
    (TIED, {KEY: row(BEA, clock=5000, refetch_at=DUE)}, True, "refetch_at is 2023"),
    (Expected("things", "x_1"), {KEY: row(clock=0)}, False, "has content, though none was told"),
    (
        Expected("things", "x_1", [FIRST], 1000, FIRST, deleted_at=1_700_000_000),
        {KEY: row(), MEMBER: item()},
        False,
        "deleted_at is None, not 1700000000",
    ),
]


@pytest.mark.parametrize(("expected", "rows", "fetched"), SOUND)
def test_what_is_as_the_provider_says_is_not_wrong(expected, rows, fetched):
    assert list(wrong(rows, [expected], fetched=fetched)) == []


@pytest.mark.parametrize(("expected", "rows", "fetched", "word"), UNSOUND)
def test_what_is_not_is_named(expected, rows, fetched, word):
    found = list(wrong(rows, [expected], fetched=fetched))
    assert any(word in text for text in found), found


def test_what_was_listed_is_as_it_is_at_last():
    old = Expected("things", "x_1", [FIRST], clock=1000, truth=SECOND)
    later = {KEY: row(BEA, clock=5000, last_event_id=None)}
    assert list(wrong(later, [old], listed=[KEY])) == []
    assert len(list(wrong(later, [old]))) == 2
    (found,) = wrong({KEY: row()}, [old], listed=[KEY])
    assert 'things x_1.data is {"name": "Ada"}, not {"name": "Bea"}' in found


def test_two_copies_differ_in_rows_and_columns():
    here = {KEY: row(BEA, clock=1)}
    assert list(differences(here, {KEY: row(BEA, clock=True)})) == [
        "things x_1.clock is 1, not true"
    ]
    assert list(differences({}, here)) == ["things x_1 is missing"]
    assert list(differences(here, {})) == ["things x_1 is too many"]
    assert list(differences(here, dict(here))) == []


def test_rows_are_read_by_copy_with_the_copys_own_digits_taken_out(sql):
    sql.execute(
        "INSERT INTO stripe_subscription_items (account, subscription, id, data, product) VALUES"
        """ ('', 'sub_X01', 'si_X01', '{"of": "sub_X01"}', 'prod_X02'),"""
        " ('', 'sub_X02', 'si_X02', NULL, NULL), ('', 'sub', 'si', NULL, NULL)"
    )
    found = read(sql, "tallyman_test", {"stripe_subscription_items": "subscription"}, "X")
    key = ("stripe_subscription_items", "sub_X", "si_X")
    assert found.keys() == {"01", "02", ""}
    assert found["01"].keys() == found["02"].keys() == {key}
    assert found[""].keys() == {("stripe_subscription_items", "sub", "si")}
    assert found["01"][key]["data"] == {"of": "sub_X"}
    assert found["01"][key]["product"] == "prod_X02"  # of another copy: it must not be here
    assert "written_at" not in found["01"][key]


def test_what_is_there_twice_is_too_many(sql):
    sql.execute(
        "INSERT INTO stripe_subscription_items (account, subscription, id) VALUES"
        " ('', 'sub_X01', 'si_X01'), ('acct_1', 'sub_X01', 'si_X01')"
    )
    found = read(sql, "tallyman_test", {"stripe_subscription_items": "subscription"}, "X")
    assert [id for _, _, id in found["01"]] == ["si_X", "si_X again"]


def test_rows_of_no_copy_are_strays_unless_they_are_common():
    cut, common = ("things", "", "x_Exam"), ("things", "", "x_everybodys")
    rows = {"": {cut: row(), common: row()}, "01": {KEY: row()}, "017": {KEY: row()}}
    assert list(strays(rows, {"01", "02"}, {common})) == [
        "things x_Exam is of no copy",
        "things x_1 is of no copy, but of 017",
    ]
    assert list(strays({"01": {KEY: row()}}, {"01"}, set())) == []
