"""`tallyman reconcile`: what it prints, and that a plan changes nothing."""

import json

import pytest
from structlog.testing import capture_logs

from integrations.sources import SYNCS
from tests.worker import stories
from tests.worker.reconcile.shop import Shop
from tests.worker.stories import customer, drained, put


@pytest.fixture
def shop(clean, monkeypatch):
    """Stripe told of three customers; since then one has changed, and one is gone."""
    customers = [customer(f"cus_{n}", email=f"{n}@example.com") for n in (1, 2, 3)]
    put(*[stories.stripe(f"evt_{c['id']}", "customer.updated", c) for c in customers])
    drained()
    shop = Shop("customer", *customers)
    shop.change("cus_1", email="new@example.com", balance=5)
    del shop.objects["cus_3"]
    monkeypatch.setitem(SYNCS, "stripe", shop.sync)
    with capture_logs():  # they go to standard error, but not in a test
        yield shop


def test_a_plan_prints_what_it_found_and_changes_nothing(run, shop, sql):
    rows = "SELECT * FROM stripe_customers ORDER BY id"
    before = sql.execute(rows).fetchall()
    done = run("reconcile", "stripe", "--plan")

    assert done.exit_code == 0
    assert sql.execute(rows).fetchall() == before
    lines = [" ".join(text.split()) for text in done.stdout.splitlines()]
    assert lines[0].startswith("stripe customer reconcile: 2 at Stripe, 1 here, 1 differ")
    assert "stripe_customers balance missed event 1 0 cus_1" in lines
    assert "stripe_customers deleted_at missed event 1 0 cus_3" in lines
    assert "stripe_customers cus_1 balance - 5 missed event" in lines
    assert lines[-1] == "Next: tallyman reconcile stripe --apply (or dead-letters list)"
    assert "@example.com" not in done.output


def test_what_is_applied_is_said_to_be_repaired(run, shop):
    done = run("reconcile", "stripe", "customer", "--apply", "--json", "--limit", "1")

    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert [run["status"] for run in told["runs"]] == ["complete"]
    assert {(g["field"], g["repaired"]) for g in told["drift"]} == {
        ("balance", 1),
        ("email", 1),
        ("deleted_at", 1),
    }
    assert len(told["differences"]) == 1
    assert "Next" not in run("reconcile", "stripe").stdout


def test_what_did_not_come_to_its_end_is_no_success(run, shop):
    shop.change("cus_1", created="yesterday")
    done = run("reconcile", "stripe")

    assert done.exit_code == 1
    assert "failed, 0 s ago: 1 could not be read or written" in done.stdout


def test_a_type_that_there_is_not_is_refused(run, shop):
    done = run("reconcile", "stripe", "custmer")

    assert done.exit_code == 2
    assert "stripe has no custmer; there is customer" in done.stderr
