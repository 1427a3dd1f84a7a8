"""What becomes of rows that stood before a migration."""

import json
from datetime import UTC, datetime

import pytest

from db import migrate
from db.session import transaction
from integrations.interface import Snapshot
from integrations.schema import dump
from integrations.stripe import STRIPE
from worker import rows

T0 = 1_700_000_000
SCHEMA = "tallyman_test"
MEMBERS = f"SELECT members_version FROM {SCHEMA}.stripe_subscriptions"
COLUMNS = {"account": "", "livemode": False, "api_version": None}
STOOD = ["stripe_customers", "stripe_products", "stripe_prices", "stripe_subscriptions"]


def insert(base, table, data, clock=T0 * 1000, **columns):
    """Write a row as the first version did."""
    told = {"id": "x", "clock": clock, "content_hash": 7, "last_event_id": "evt_1", **columns}
    told |= {"data": json.dumps(data)} | ({"account": ""} if table.startswith("stripe") else {})
    names = ", ".join(told)
    values = ", ".join(f"%({name})s" for name in told)
    base.execute(f"INSERT INTO {SCHEMA}.{table} ({names}) VALUES ({values})", told)


def shown(base, table, columns):
    return base.execute(f"SELECT {columns} FROM {SCHEMA}.{table} ORDER BY id").fetchall()


@pytest.fixture
def first(base):
    """The tables of the first version."""
    migrate.upgrade("0001")
    return base


@pytest.mark.parametrize("table", [*STOOD, "clerk_users"])
def test_all_that_stands_is_to_be_fetched_once_there_are_more_columns(table, first):
    insert(first, table, {}, id="1 told")
    insert(first, table, {}, id="2 asked for", refetch_at=datetime.fromtimestamp(T0, UTC))
    insert(first, table, {}, id="3 gone", deleted_at=datetime.fromtimestamp(T0, UTC))
    insert(first, table, None, id="4 a placeholder", clock=0)
    insert(first, table, {}, id="5 absurd", clock=253_402_300_799_000)
    migrate.upgrade()

    asked = [at and int(at.timestamp()) for (at,) in shown(first, table, "refetch_at")]
    assert asked == [T0 + 1, T0, None, None, 253_402_300_799]


LIST = {"object": "list", "data": [{"id": "si_1"}]}


@pytest.mark.parametrize(
    ("data", "whole"),
    [
        ({"items": LIST}, "1"),
        ({"items": LIST | {"has_more": False}}, "1"),
        ({"items": {"data": []}}, "1"),
        ({"items": LIST | {"has_more": True}}, "0"),
        ({"items": LIST | {"has_more": None}}, "0"),
        ({"items": {"data": None}}, "0"),
        ({"items": {}}, "0"),
        ({"items": None}, "0"),
        ({}, "0"),
    ],
    ids=str,
)
def test_items_stand_as_whole_only_where_the_list_was_told_as_one(data, whole, first):
    insert(first, "stripe_subscriptions", data, 5000)
    migrate.upgrade()

    version = f"{whole} 0000000000000005000 09223372036854775815 evt_1"
    assert first.execute(MEMBERS).fetchall() == [(version,)]


def test_a_placeholder_has_no_version_of_items(first):
    insert(first, "stripe_subscriptions", None, 0)
    migrate.upgrade()

    assert first.execute(MEMBERS).fetchall() == [(None,)]


@pytest.mark.parametrize("items", [LIST, LIST | {"has_more": True}, {}, None], ids=str)
def test_0002_names_a_version_as_the_worker_does(items, first):
    object = {"object": "subscription", "id": "x", "items": items}
    told = Snapshot("subscription", object, T0 * 1000, "webhook", None, "evt_1", COLUMNS)
    migrate.upgrade()
    with transaction() as session:
        rows.upsert(session, [(told, STRIPE.mirrors["subscription"].project(told))])
    named = first.execute(MEMBERS).fetchone()
    hash = f"SELECT content_hash FROM {SCHEMA}.stripe_subscriptions"
    (content_hash,) = first.execute(hash).fetchone()
    migrate.downgrade("base")
    migrate.upgrade("0001")
    insert(first, "stripe_subscriptions", object, content_hash=content_hash)
    migrate.upgrade()

    assert first.execute(MEMBERS).fetchone() == named


@pytest.mark.parametrize("table", [*STOOD, "stripe_subscription_items"])
def test_fields_called_client_secret_that_stood_are_taken_out_and_texts_stay(table, first):
    source = {"id": "src_1", "client_secret": "src_client_secret_x", "amounts": [3, 1, [2], []]}
    data = {
        "client_secret": "a",
        "name": "cs_1_secret_x",
        "sources": {"data": [source, source, {}]},
    }
    set_ = {"subscription": "sub_1"} if table == "stripe_subscription_items" else {}
    insert(first, table, data, **set_)
    migrate.upgrade()

    kept = {"id": "src_1", "amounts": [3, 1, [2], []]}
    expected = {"name": "cs_1_secret_x", "sources": {"data": [kept, kept, {}]}}
    assert shown(first, table, "data") == [(expected,)]


def test_backup_codes_that_stood_are_taken_out_of_telephone_numbers_and_of_nothing_else(first):
    numbers = [{"object": "phone_number", "id": "idn_1", "backup_codes": ["x"]}]
    mine = {"unsafe_metadata": {"backup_codes": "on paper"}}
    insert(first, "clerk_users", mine | {"phone_numbers": numbers})
    migrate.upgrade()

    expected = mine | {"phone_numbers": [{"object": "phone_number", "id": "idn_1"}]}
    assert shown(first, "clerk_users", "data") == [(expected,)]


def test_a_replay_fills_the_new_columns_of_what_stood(first):
    object = {"object": "customer", "id": "x", "tax_exempt": "reverse"}
    told = Snapshot("customer", object, T0 * 1000, "webhook", None, "evt_1", COLUMNS)
    projected = STRIPE.mirrors["customer"].project(told)
    insert(first, "stripe_customers", object, content_hash=rows.content_hash(dump(object)))
    migrate.upgrade()
    assert shown(first, "stripe_customers", "tax_exempt") == [(None,)]
    with transaction() as session:
        rows.upsert(session, [(told, projected)])

    assert shown(first, "stripe_customers", "tax_exempt") == [("reverse",)]


def test_nothing_but_tables_is_left_of_an_upgrade(base):
    migrate.upgrade()
    functions = "SELECT count(*) FROM pg_proc WHERE pronamespace = to_regnamespace(%s)"
    assert base.execute(functions, [SCHEMA]).fetchone() == (0,)


def test_where_archived_bodies_are_is_not_forgotten_by_going_down(base):
    migrate.upgrade()
    base.execute(
        f"INSERT INTO {SCHEMA}.events (service, event_id, endpoint, account, status, received_at,"
        " archive_key) VALUES ('stripe', 'evt_1', '', '', 'handled', now(), 'k.gz')"
    )
    with pytest.raises(RuntimeError, match="1 event"):
        migrate.downgrade("0007")
    kept = base.execute(f"SELECT archive_key FROM {SCHEMA}.events").fetchall()
    base.execute(f"DELETE FROM {SCHEMA}.events")
    assert kept == [("k.gz",)]
    migrate.downgrade("0007")
