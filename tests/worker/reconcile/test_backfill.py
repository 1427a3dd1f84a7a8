"""Copying all that a service lists, from the beginning, while webhooks go on arriving."""

import pytest

from tests.worker import stories
from tests.worker.reconcile.shop import NOW, Shop, sync
from tests.worker.stories import T0, customer, drained, put, stripe
from worker.syncs import listing
from worker.syncs.in_turn import shown

OURS = {"clock", "source", "last_event_id"}
CUSTOMERS = [customer(f"cus_{n}", email=f"{n}@example.com") for n in range(1, 6)]
EVENTS = [stripe(f"evt_{c['id']}", "customer.created", c, T0) for c in CUSTOMERS]


@pytest.fixture
def shop(clean):
    return Shop("customer", *CUSTOMERS)


@pytest.fixture
def content(rows):
    """Return the customers as webhooks alone would leave them: without what says who told it."""
    return lambda: [
        {k: v for k, v in row.items() if k not in OURS} for row in rows("stripe_customers")
    ]


@pytest.fixture
def by_webhooks_alone(content, sql):
    put(*EVENTS)
    drained()
    found = content()
    sql.execute("TRUNCATE stripe_customers, events")
    return found


def backfilled(*shops):
    return shown(listing.backfill(sync(*shops)))


def test_a_fresh_database_holds_what_webhooks_would_have_told(
    shop, content, by_webhooks_alone, last_run
):
    assert backfilled(shop) == "customer=complete"

    assert content() == by_webhooks_alone
    run = last_run()
    assert (run["there"], run["here"], run["fetched"], run["applied"]) == (5, 0, 5, 5)


@pytest.mark.parametrize("calls", range(3))
def test_it_goes_on_where_it_was_cut(shop, content, by_webhooks_alone, last_run, calls):
    shop.cut = calls
    assert backfilled(shop) == "customer=stopped: Transient: away"
    shop.cut = 10**9

    assert backfilled(shop) == "customer=complete"
    assert content() == by_webhooks_alone
    assert last_run()["there"] == 5
    assert shop.calls == 4


@pytest.mark.parametrize("page", range(1, 4))
@pytest.mark.parametrize("when", ["asked", "committed"])
def test_a_webhook_among_its_pages_changes_nothing_of_the_end(
    shop, content, page, when, monkeypatch
):
    newer = customer("cus_3", email="new@example.com")
    event = stripe("evt_new", "customer.updated", newer, NOW + 5)
    passed = []

    def reach(place):
        passed.append(place)
        if place == f"sync.{when}" and passed.count(place) == page:
            put(event, *EVENTS)
            drained()

    monkeypatch.setattr("worker.sync.reach", reach)
    assert backfilled(shop) == "customer=complete"

    assert [row["email"] for row in content()] == [
        "1@example.com",
        "2@example.com",
        "new@example.com",
        "4@example.com",
        "5@example.com",
    ]


def test_types_that_were_completed_are_not_read_again(clean, shop):
    products, prices = Shop("product", stories.product()), Shop("price", stories.price())
    shop.cut = 1

    assert backfilled(products, shop, prices) == (
        "product=complete customer=stopped: Transient: away"
    )
    shop.cut = 10**9
    assert backfilled(products, shop, prices) == "customer=complete price=complete"
    assert (products.calls, prices.calls) == (1, 1)
    assert backfilled(products, shop, prices) == (
        "product=complete customer=complete price=complete"
    )


def test_a_type_that_fails_does_not_keep_a_task_from_the_others(clean, shop):
    products, prices = Shop("product", stories.product()), Shop("price", stories.price())
    products.change("prod_1", created="yesterday")
    three = sync(products, shop, prices)
    slices = [listing.backfill(three, task="stripe.sync.backfill", seconds=0) for _ in range(5)]
    assert (products.calls, shop.calls, prices.calls) == (1, 3, 1)
    assert slices[-1]["price"].status == "complete"


def test_what_is_here_as_it_is_there_is_not_written_again(clean, rows, last_run):
    put(stories.clerk("msg_1", "user.created", stories.user()))
    drained("clerk")
    before = rows("clerk_users")

    backfilled(Shop("user", stories.user(), service="clerk"))

    assert rows("clerk_users") == before
    assert (last_run()["here"], last_run()["applied"]) == (1, 0)


def test_what_is_newer_here_stands(clean, rows, shop):
    put(stripe("evt_1", "customer.updated", customer(balance=9), NOW + 60))
    drained()

    backfilled(shop)

    assert [r["balance"] for r in rows("stripe_customers") if r["id"] == "cus_1"] == [9]


@pytest.fixture
def refusing(sql):
    """Postgres takes no customer with that name."""
    sql.execute("ALTER TABLE stripe_customers ADD CONSTRAINT no_eve CHECK (name <> 'Eve')")
    yield
    sql.execute("ALTER TABLE stripe_customers DROP CONSTRAINT no_eve")


def test_one_object_that_postgres_refuses_keeps_no_other_from_coming(shop, content, refusing):
    shop.change("cus_2", name="Eve")

    assert backfilled(shop) == "customer=failed: 1 could not be read or written"
    assert len(content()) == 4


def test_what_postgres_cannot_hold_is_replaced(shop, content):
    shop.change("cus_2", name="E\0ve", metadata={"x": "\udc00"})

    assert backfilled(shop) == "customer=complete"
    assert content()[1]["name"] == "E\ufffdve"


def test_the_slice_ends_between_pages_and_rings(shop, bells):
    seconds = 0
    outcomes = listing.backfill(shop.sync, task="stripe.sync.backfill", seconds=seconds)
    assert outcomes["customer"].status == "running"
    assert bells("stripe.work") == ["stripe.sync.backfill"]


def test_the_progress_is_told_with_the_type_and_how_many_there_are(shop):
    told = []
    listing.backfill(
        shop.sync, progress=lambda name, step, counts: told.append((name, step.total, counts.there))
    )
    assert told == [("customer", 5, 2), ("customer", 5, 2), ("customer", 5, 1)]
