"""What a row's clock leaves open is fetched: ties, lists cut short, and placeholders."""

from datetime import UTC, datetime

import pytest

from tests.worker import stories
from tests.worker.refetching import LATER, OLD, Service, account, row, service, tie
from tests.worker.stories import T0, clerk, drained, put, stripe

__all__ = ["row", "service", "tie"]


def test_a_tie_is_settled_by_what_the_service_says_now(tie, service, row, rows):
    service.says("cus_1", stories.customer(name="Dora"))
    assert service.run() == "complete"

    found = row()
    assert (found["name"], found["source"], found["clock"]) == ("Dora", "fetch", LATER * 1000)
    assert (found["refetch_at"], found["last_event_id"]) == (None, None)
    assert service.asked == [("", "cus_1")]
    assert account(rows) == [("complete", 1, 1, 1, 0, 0)]


def test_nothing_is_entered_where_nothing_is_due(service, rows):
    put(stories.customer_event())
    drained()
    assert service.run() == "idle"
    assert rows("sync_runs") == []


@pytest.mark.parametrize("name", ["A", "B", "C"])
def test_an_object_with_a_clock_of_its_own_is_settled_at_that_clock(name, clean, row):
    for n, told in enumerate("AB"):
        put(clerk(f"msg_{n}", "user.updated", stories.user(first_name=told)))
    drained("clerk")
    service = Service("clerk")
    service.says("user_1", stories.user(first_name=name), T0 * 1000)

    assert service.run() == "complete"
    found = row("clerk_users")
    assert (found["first_name"], found["refetch_at"]) == (name, None)
    assert found["clock"] == T0 * 1000


def test_the_settled_version_brings_its_members(service, rows):
    a, b = stories.item("si_a"), stories.item("si_b")
    for n, item in enumerate((a, b)):
        put(stripe(f"evt_{n}", "customer.subscription.updated", stories.subscription(items=[item])))
    drained()
    service.says("sub_1", stories.subscription(items=[a, b]))

    service.run("subscription")
    assert {r["id"] for r in rows("stripe_subscription_items")} == {"si_a", "si_b"}
    assert rows("stripe_subscriptions")[0]["refetch_at"] is None


def test_an_answer_as_old_as_the_tie_settles_nothing_without_a_clock_of_its_own(
    tie, service, row, sql
):
    """Within that second it may have been made before the last of them."""
    service.says("cus_1", stories.customer(name="Early"), T0 * 1000)
    service.run()

    assert row()["refetch_at"] > datetime.now(UTC)
    assert service.run() == "idle"
    sql.execute("UPDATE stripe_customers SET refetch_at = now()")
    service.says("cus_1", stories.customer(name="Dora"), T0 * 1000 + 1000)
    service.run()
    assert (row()["name"], row()["refetch_at"]) == ("Dora", None)


@pytest.mark.parametrize("later", [0, 5])
def test_what_a_webhook_tells_meanwhile_is_not_overwritten(later, clean, rows, row):
    for n, told in enumerate("AB"):
        put(clerk(f"msg_{n}", "user.updated", stories.user(first_name=told)))
    drained("clerk")
    service = Service("clerk")
    service.says("user_1", stories.user(first_name="before"), T0 * 1000)

    def tell():
        service.meanwhile = lambda: None
        put(clerk("msg_9", "user.updated", stories.user(at=T0 + later, first_name="after")))
        drained("clerk")

    service.meanwhile = tell
    service.run()
    if later:
        assert (row("clerk_users")["first_name"], row("clerk_users")["refetch_at"]) == (
            "after",
            None,
        )
    else:  # nobody can tell which of them is the last: it is fetched again
        assert row("clerk_users")["refetch_at"] is not None


def test_a_placeholder_is_fetched_after_a_minute(service, sql, rows):
    put(stripe("evt_1", "price.updated", stories.price()))
    drained()
    service.says("prod_1", stories.product(), T0 * 1000)
    assert service.run() == "idle"

    sql.execute(OLD.format("stripe_products"))
    assert service.run() == "complete"
    (product,) = rows("stripe_products")
    assert (product["name"], product["source"]) == ("Basic", "fetch")
    assert service.run() == "idle"


def test_a_placeholder_that_the_service_does_not_know_is_deleted(service, sql, rows):
    put(stripe("evt_1", "price.updated", stories.price()))
    drained()
    sql.execute(OLD.format("stripe_products"))
    at = datetime.fromtimestamp(LATER, UTC)
    service.says("prod_1", {"object": "product", "id": "prod_1"}, gone_at=at)

    service.run()
    assert rows("stripe_products")[0]["deleted_at"] == at
    assert account(rows) == [("complete", 0, 0, 1, 0, 1)]
    assert service.run() == "idle"


def test_a_tie_of_what_was_deleted_is_not_fetched(tie, service, rows):
    gone = {"object": "customer", "id": "cus_1", "deleted": True}
    put(stripe("evt_9", "customer.deleted", gone, T0 + 5))
    drained()
    assert service.run() == "idle"


def test_what_the_service_cannot_be_asked_for_is_left(tie, service, row):
    assert service.run("product") == "idle"
    assert row()["refetch_at"] is not None
