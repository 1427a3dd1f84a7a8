"""The comparison: what the pipeline writes of a population, and what somebody spoils of it."""

import ast
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rehearsal import compare, derived, expected, fields
from rehearsal.dump import dump
from simulator.population import Thrown, before, lives

NOW, SCHEMA = 1_700_000_000, "tallyman_test"
COLUMNS: dict[str, dict[str, Any]] = {
    "stripe": {"account": "", "livemode": False, "api_version": "2026-10-28.endive"},
    "clerk": {"instance_id": "ins_1"},
}


@pytest.mark.parametrize("module", [compare, derived, expected, fields])
def test_it_imports_nothing_of_the_product(module):
    tree = ast.parse(Path(module.__file__).read_text())
    names = {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    names |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    others = {name for name in names if not name.startswith("rehearsal.")}
    assert {name.split(".")[0] for name in others} <= {*sys.stdlib_module_names, "psycopg"}


@pytest.fixture(scope="module")
def steps():
    thrown = Thrown(3, NOW, NOW)
    return [*before(40, thrown), *lives(40, thrown)]


@pytest.fixture
def there(tmp_path, steps):
    """What the services hold at the end."""
    objects: dict[str, Any] = {}
    gone = {}
    for step in steps:
        if step.gone:
            objects[step.service][step.of].pop(step.object["id"])
            gone[step.service, step.of, step.object["id"]] = step.at
        else:
            of = objects.setdefault(step.service, {}).setdefault(step.of, {})
            of[step.object["id"]] = step.object
    for service, told in objects.items():
        dump(tmp_path, service, told, gone, COLUMNS[service])
    return tmp_path


@pytest.fixture
def here(sql, steps):
    """The database after the worker was told all."""
    from integrations.interface import Snapshot
    from simulator.stripe_shapes import as_of
    from worker import fetched

    last = {(s.service, s.of, s.object["id"], s.gone): s for s in steps}
    for service in ("stripe", "clerk"):
        for gone in (False, True):
            told = [s for s in last.values() if (s.service, s.gone) == (service, gone)]
            fetched.write(
                service,
                [
                    Snapshot(
                        object_type=step.of,
                        object=as_of("", step.object) if service == "stripe" else step.object,
                        clock=1,
                        source="list",
                        gone_at=datetime.fromtimestamp(step.at, UTC) if gone else None,
                        columns=COLUMNS[service],
                    )
                    for step in told
                ],
            )
    return sql


def compared(there):
    return compare.compare(there, os.environ["DATABASE_URL"], SCHEMA)


def test_what_was_written_as_it_was_told_differs_nowhere(there, here, steps):
    outcome = compared(there)
    assert (outcome.differences, outcome.shown) == ({}, [])
    assert outcome.objects == len({(s.service, s.of, s.object["id"]) for s in steps})


ONE = "id LIKE '%000001x0'"
SPOILED = [
    (f"UPDATE stripe_customers SET name = 'Eve' WHERE {ONE}", "customers", "name"),
    (f"UPDATE stripe_invoices SET paid = NOT paid WHERE {ONE}", "invoices", "paid"),
    (
        f"UPDATE stripe_subscriptions SET current_period_end = now() WHERE {ONE}",
        "subscriptions",
        "current_period_end",
    ),
    (
        f"UPDATE stripe_charges SET data = jsonb_set(data, '{{more}}', '1') WHERE {ONE}",
        "charges",
        "data",
    ),
    ("UPDATE stripe_prices SET unit_amount_decimal = 0.5", "prices", "unit_amount_decimal"),
    (
        "UPDATE stripe_payment_intents SET data = jsonb_set(data, '{client_secret}', '1')",
        "payment_intents",
        "data",
    ),
    ("UPDATE stripe_refunds SET livemode = true", "refunds", "livemode"),
    (
        "UPDATE stripe_products SET deleted_at = now() WHERE id = 'prod_p0'",
        "products",
        "deleted_at",
    ),
    ("UPDATE stripe_products SET deleted_at = NULL", "products", "deleted_at"),
    ("DELETE FROM stripe_products WHERE id = 'prod_gone'", "products", "*"),
    (f"DELETE FROM stripe_customers WHERE {ONE}", "customers", "*"),
    (f"DELETE FROM stripe_subscription_items WHERE {ONE}", "subscription_items", "*"),
    ("INSERT INTO stripe_customers (account, id) VALUES ('', 'cus_none')", "customers", "*"),
]


@pytest.mark.parametrize(("spoil", "table", "column"), SPOILED)
def test_what_is_spoiled_is_found(there, here, spoil, table, column):
    here.execute(spoil)
    assert set(compared(there).differences) == {(f"stripe_{table}", column)}


def test_a_user_s_column_is_compared_too(there, here):
    here.execute("UPDATE clerk_users SET primary_email = NULL WHERE id = 'user_000001x0'")
    assert compared(there).differences == {("clerk_users", "primary_email"): 1}


def test_it_says_where_and_not_what(there, here):
    here.execute("UPDATE stripe_customers SET email = 'eve@example.com'")
    outcome = compared(there)
    living = (there / "stripe" / "customer.jsonl").read_text().count("\n")
    assert outcome.differences == {("stripe_customers", "email"): living}
    assert len(outcome.shown) == 10
    assert outcome.shown[0].endswith("x0: email")
    assert "@" not in "".join(outcome.shown)


def test_a_column_of_which_nobody_says_what_it_must_be_is_a_difference(there, here):
    here.execute("ALTER TABLE stripe_refunds ADD COLUMN arn text")
    try:
        found = compared(there).differences
    finally:
        here.execute("ALTER TABLE stripe_refunds DROP COLUMN arn")
    assert set(found) == {("stripe_refunds", "arn")}
