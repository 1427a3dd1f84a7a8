"""Every column of every table holds what the payload says, in the oldest shape and the newest.

The expectations are written by hand, in `shapes`. They are complete by construction: a column that
none of them names fails, and so does one that the newest shape leaves empty.
"""

import pytest
from psycopg.rows import dict_row

from db.base import Mirrored, WithMembers
from db.models.stripe import StripeMirrored
from db.reading import mirrors
from tests.integrations.stripe.shapes import (
    catalogue,
    charges,
    checkouts,
    customers,
    entitlements,
    invoice_payments,
    new_invoice,
    old_invoice,
    payments,
    settlements,
    subscriptions,
)
from tests.worker.stories import T0, drained, put, stripe

_OF = (
    catalogue,
    charges,
    checkouts,
    customers,
    entitlements,
    invoice_payments,
    new_invoice,
    old_invoice,
    payments,
    settlements,
    subscriptions,
)
CASES = [case for module in _OF for case in module.CASES]
TABLES = {table.name: table for table in mirrors() if table.name.startswith("stripe_")}
COMMON = {
    "id",
    *Mirrored.__annotations__,
    *StripeMirrored.__annotations__,
    *WithMembers.__annotations__,
}
NO_LONGER_TOLD = {("stripe_payment_intents", "invoice"), ("stripe_charges", "invoice")}


def own(table):
    return {column.name for column in TABLES[table].columns} - COMMON


def of(table):
    return {case.era: case.rows[table] for case in CASES if table in case.rows}


@pytest.fixture
def written(sql):
    """Deliver a case; give the rows of a table."""

    def write(case, table):
        put(stripe("evt_1", "thing.updated", case.object, T0, api_version=case.version))
        assert drained() == {"handled": 1, "left": 0}
        with sql.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(f"SELECT * FROM {table} WHERE clock > 0").fetchall()

    return write


@pytest.mark.parametrize(
    ("case", "table"), [(case, table) for case in CASES for table in case.rows], ids=str
)
def test_every_column_holds_what_the_payload_says(case, table, written):
    (row,) = written(case, table)

    assert {name: row[name] for name in own(table)} == case.rows[table]
    assert (row["account"], row["livemode"], row["api_version"]) == ("", False, case.version)
    assert row["last_event_id"] == "evt_1"
    assert (row["refetch_at"], row["deleted_at"]) == (None, None)


@pytest.mark.parametrize("table", TABLES)
def test_every_column_of_every_table_has_an_old_and_a_new_expectation(table):
    assert {era: set(columns) for era, columns in of(table).items()} == {
        "old": own(table),
        "new": own(table),
    }


@pytest.mark.parametrize("table", TABLES)
def test_every_column_is_filled_by_the_newest_shape_as_long_as_that_has_the_field(table):
    for name in own(table):
        era = "old" if (table, name) in NO_LONGER_TOLD else "new"
        assert of(table)[era][name] is not None, name


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_whole_object_is_kept_but_for_what_is_secret(case, written):
    (table, *_) = case.rows
    (row,) = written(case, table)

    kept = set(case.object) - {"client_secret"}
    assert set(row["data"]) == kept | {"id"}
    assert "_secret_" not in repr(row)
