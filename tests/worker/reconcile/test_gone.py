"""What a listing did not show: gone only if the service says so of the object itself."""

from types import SimpleNamespace

import pytest

from tests.worker import stories
from tests.worker.reconcile.shop import Shop, sync
from tests.worker.stories import customer, drained, put
from worker import reconcile
from worker.syncs import listing

CUSTOMERS = [customer(f"cus_{n}") for n in range(1, 7)]
REFUSED = (
    "more than 4 of 6 are not listed there (GONE_AT_MOST_PERCENT=2): is it the right key? "
    "Nothing was taken for deleted"
)


@pytest.fixture
def shop(clean):
    """Stripe has six customers, and has told of them."""
    put(*[stories.stripe(f"evt_{c['id']}", "customer.updated", c) for c in CUSTOMERS])
    drained()
    return Shop("customer", *CUSTOMERS)


@pytest.fixture
def gone(sql):
    return lambda: [
        id
        for (id,) in sql.execute(
            "SELECT id FROM stripe_customers WHERE deleted_at IS NOT NULL ORDER BY id"
        )
    ]


def reconciled(shop):
    return str(reconcile.run(shop.sync, apply=True)["customer"])


def test_with_a_wrong_key_nothing_is_gone(shop, gone, last_run):
    shop.objects.clear()

    assert reconciled(shop) == f"failed: {REFUSED}"
    assert gone() == []
    assert shop.asked == []
    assert last_run()["gone"] == 0


def test_a_few_may_go_of_a_small_table(shop, gone):
    for id in ("cus_1", "cus_3", "cus_4", "cus_6"):
        del shop.objects[id]

    assert reconciled(shop) == "complete"
    assert gone() == ["cus_1", "cus_3", "cus_4", "cus_6"]


def test_what_a_listing_forgot_but_is_there_stays_and_is_compared(shop, gone, drift, sql):
    shop.hidden = {"cus_2"}
    shop.change("cus_2", currency="eur")

    assert reconciled(shop) == "complete"
    assert gone() == []
    assert drift() == [("cus_2", "currency", "missed event", True)]


def test_a_listing_that_was_cut_makes_nothing_gone_and_goes_on(shop, gone, last_run, drift):
    del shop.objects["cus_5"]
    shop.change("cus_1", currency="eur")
    shop.cut = 2

    assert reconciled(shop) == "stopped: Transient: away"
    assert gone() == []
    shop.cut = 10**9
    assert reconciled(shop) == "complete"
    assert gone() == ["cus_5"]
    assert (last_run()["there"], last_run()["here"]) == (5, 4)
    assert [field for _, field, *_ in drift()] == ["currency", "deleted_at"]


@pytest.mark.parametrize("calls", range(5))
def test_wherever_it_is_cut_it_goes_on_to_the_same_end(shop, gone, last_run, drift, calls):
    del shop.objects["cus_2"], shop.objects["cus_6"]
    shop.objects["cus_7"] = customer("cus_7")
    shop.cut = calls
    reconciled(shop)

    shop.cut = 10**9
    assert reconciled(shop) == "complete"
    assert gone() == ["cus_2", "cus_6"]
    assert sorted(id for id, *_ in drift()) == ["cus_2", "cus_6", "cus_7"]
    assert (last_run()["there"], last_run()["gone"]) == (5, 2)


def test_what_came_since_the_run_began_is_not_missed_in_its_listing(shop, gone, sql):
    shop.cut = 2
    reconciled(shop)
    new = customer("cus_9")
    put(stories.stripe("evt_9", "customer.created", new))
    drained()

    shop.cut = 10**9
    assert reconciled(shop) == "complete"
    assert shop.asked == []


def test_what_no_listing_ever_shows_is_not_asked_for(shop, gone):
    shop.options["leaves_out"] = lambda customer: customer["id"] == "cus_1"
    shop.hidden = {"cus_1"}

    assert reconciled(shop) == "complete"
    assert shop.asked == []


def test_without_a_way_to_ask_nothing_is_gone(shop, gone):
    shop.options["fetch"] = None
    del shop.objects["cus_1"]

    assert reconciled(shop) == "complete"
    assert gone() == []


def test_objects_of_the_other_mode_are_none_of_the_keys(shop, gone, live_key):
    shop.objects.clear()

    assert reconciled(shop) == "complete"
    assert gone() == []


def test_what_cannot_be_listed_is_asked_for_one_by_one(shop, gone, drift):
    shop.options["list"] = None
    del shop.objects["cus_2"]
    shop.change("cus_6", currency="eur")

    assert reconciled(shop) == "complete"
    assert gone() == ["cus_2"]
    assert [(id, field) for id, field, *_ in drift()] == [
        ("cus_6", "currency"),
        ("cus_2", "deleted_at"),
    ]


def test_what_was_seen_is_forgotten_when_a_run_is_over(shop, sql):
    shop.objects.clear()
    reconciled(shop)
    shop.objects = {c["id"]: c for c in CUSTOMERS}
    reconciled(shop)

    assert sql.execute("SELECT count(*) FROM sync_seen").fetchone() == (0,)


def test_one_type_that_failed_does_not_keep_the_next_from_its_turn(shop, gone):
    shop.objects.clear()
    products = Shop("product", stories.product())
    both = sync(shop, products)

    outcomes = reconcile.run(both, apply=True)
    assert [o.status for o in outcomes.values()] == ["failed", "complete"]
    assert reconcile.run(both, apply=True, only=["product"]).keys() == {"product"}


def test_the_scheduled_one_repairs_only_where_that_is_wanted(shop, gone, monkeypatch):
    from settings import settings

    listing.backfill(shop.sync)
    del shop.objects["cus_1"]
    assert reconcile.scheduled(shop.sync) == "customer=complete"
    assert gone() == []
    assert reconcile.scheduled(shop.sync) == "customer=not now"

    given = settings()
    wanted = given.syncs.model_copy(update={"reconcile_repairs": True})
    repairing = SimpleNamespace(syncs=wanted, inbox=given.inbox)
    monkeypatch.setattr(reconcile, "settings", lambda: repairing)
    assert reconcile.scheduled(shop.sync) == "customer=complete"
    assert gone() == ["cus_1"]
