"""What a listing did not show is asked for: each once, and what is told meanwhile stands."""

import pytest

from tests.worker import stories
from tests.worker.reconcile.shop import _COLUMNS, Shop
from tests.worker.stories import customer, drained, put
from worker import reconcile

CUSTOMERS = [customer(f"cus_{n}") for n in range(1, 7)]
GONE = "SELECT array_agg(id ORDER BY id) FROM stripe_customers WHERE deleted_at IS NOT NULL"


@pytest.fixture
def shop(clean):
    """Stripe has six customers, and has told of them."""
    put(*[stories.stripe(f"evt_{c['id']}", "customer.updated", c) for c in CUSTOMERS])
    drained()
    return Shop("customer", *CUSTOMERS)


@pytest.fixture
def gone(sql):
    return lambda: sql.execute(GONE).fetchone()[0] or []


def reconciled(shop):
    return str(reconcile.run(shop.sync, apply=True)[shop.kind])


def test_a_service_that_answers_a_few_times_only_is_asked_for_each_once(shop, gone):
    shop.hidden = {"cus_1", "cus_2", "cus_3", "cus_4"}
    for _ in range(4):
        shop.cut = shop.calls + 1
        assert reconciled(shop) == "stopped: Transient: away"

    shop.cut = 10**9
    assert reconciled(shop) == "complete"
    assert sorted(shop.asked) == ["cus_1", "cus_2", "cus_3", "cus_4"]
    assert gone() == []


def test_what_is_deleted_just_after_it_was_asked_for_stays_deleted(shop, gone, drift):
    shop.hidden = {"cus_2"}

    def delete():
        put(stories.stripe("evt_gone", "customer.deleted", CUSTOMERS[1] | {"deleted": True}))
        drained()

    shop.meanwhile = delete
    assert reconciled(shop) == "complete"
    assert gone() == ["cus_2"]
    assert not any(repaired for *_, repaired in drift())


def test_rows_of_another_instance_are_none_of_the_keys(clean, sql, monkeypatch):
    monkeypatch.setitem(_COLUMNS, "clerk", {"instance_id": "ins_1"})
    users = [stories.user(f"user_{n}") for n in range(3)]
    put(*[stories.clerk(f"msg_{u['id']}", "user.created", u) for u in users])
    drained("clerk")
    sql.execute("UPDATE clerk_users SET instance_id = 'ins_2' WHERE id <> 'user_0'")
    shop = Shop("user", users[0], service="clerk")

    assert reconciled(shop) == "complete"
    assert shop.asked == []
