"""The likely cause that is said of a difference, by the evidence that there is."""

import pytest

from tests.worker import stories
from tests.worker.reconcile.shop import NOW, Shop
from tests.worker.stories import T0, customer, drained, put, stripe
from worker import reconcile

MISSED, UNTOLD = "missed event", "changed there without an event"


@pytest.fixture
def shop(clean):
    """Stripe has told of a customer, and has another now."""
    put(stripe("evt_1", "customer.updated", customer()))
    drained()
    return Shop("customer", customer(balance=5))


@pytest.fixture
def causes(drift):
    """Return the causes that a plan finds."""

    def find(shop):
        reconcile.run(shop.sync, apply=False)
        return {cause for *_, cause, _ in drift()}

    return find


@pytest.fixture
def read_until(sql):
    """Stripe's log was read up to then."""
    return lambda seconds: sql.execute(
        "INSERT INTO sync_cursors (service, name, kind, complete_until)"
        " VALUES ('stripe', 'events', 'catch_up', to_timestamp(%s))",
        [seconds],
    )


@pytest.mark.parametrize(
    ("until", "cause"), [(NOW - 60, UNTOLD), (NOW - 86400, MISSED), (T0 - 1, MISSED)]
)
def test_where_the_log_was_read_and_has_no_event_there_was_none(
    shop, causes, read_until, until, cause
):
    read_until(until)
    assert causes(shop) == {cause}


@pytest.mark.parametrize(
    ("status", "cause"),
    [("dead", "dead letter"), ("retrying", "waiting event"), ("received", "waiting event")],
)
def test_an_event_of_it_that_is_not_applied_explains_it(shop, causes, sql, status, cause):
    sql.execute("UPDATE events SET status = %s, settled_at = now(), retry_at = now()", [status])
    assert causes(shop) == {cause}


def test_an_event_of_another_that_only_names_it_explains_nothing(shop, causes, sql):
    put(stripe("evt_2", "customer.subscription.updated", stories.subscription()))
    drained()
    sql.execute("UPDATE events SET status = 'dead', settled_at = now() WHERE event_id = 'evt_2'")

    assert causes(shop) == {MISSED}


def test_what_waits_in_the_inbox_since_before_the_listing_may_tell_of_it(shop, causes):
    put(stripe("evt_2", "customer.updated", customer(balance=5)))
    shop.now = 2 * NOW  # later than the delivery, which came in by this machine's clock

    assert causes(shop) == {"waiting event"}


def test_an_object_that_was_made_since_our_first_event_was_missed(shop, causes, sql):
    sql.execute("UPDATE events SET received_at = to_timestamp(%s)", [T0 - 1])
    shop.objects = {"cus_1": customer(), "cus_2": customer("cus_2")}
    assert causes(shop) == {MISSED}


@pytest.mark.parametrize(("updated", "cause"), [(T0 + 9, MISSED), (T0, UNTOLD)])
def test_an_own_clock_says_whether_there_was_an_event(clean, causes, updated, cause):
    put(stories.clerk("msg_1", "user.updated", stories.user()))
    drained("clerk")

    changed = stories.user(at=updated, first_name="Grace")
    assert causes(Shop("user", changed, service="clerk")) == {cause}


def test_what_no_event_ever_tells_changed_without_one(clean, sql, causes):
    put(stories.invoice())  # there is a first event
    drained()
    shop = Shop("customer", customer())
    reconcile.run(shop.sync, apply=True)
    sql.execute("TRUNCATE drift")
    shop.now += 1
    shop.change("cus_1", balance=6)

    assert causes(shop) == {UNTOLD}


def test_a_column_that_is_wrong_in_most_rows_is_our_own_defect(clean, sql, drift):
    customers = [customer(f"cus_{n}") for n in range(4)]
    put(*[stripe(f"evt_{c['id']}", "customer.updated", c) for c in customers])
    drained()
    sql.execute("UPDATE stripe_customers SET currency = 'eur' WHERE id <> 'cus_3'")
    sql.execute("UPDATE stripe_customers SET balance = 1 WHERE id = 'cus_3'")
    shop = Shop("customer", *customers, at_once=10)

    reconcile.run(shop.sync, apply=True)

    defect, here = "our defect", "changed here"
    assert sorted(drift()) == [
        ("cus_0", "currency", defect, True),
        ("cus_1", "currency", defect, True),
        ("cus_2", "currency", defect, True),
        ("cus_3", "balance", here, True),
    ]
