"""What a listing alone cannot settle."""

from tests.worker import stories
from tests.worker.reconcile.shop import NOW, Shop
from tests.worker.stories import customer, drained, put
from worker import reconcile


def test_an_event_of_the_very_second_of_the_answer_may_be_the_later(clean, rows, drift):
    put(stories.customer_event(at=NOW, balance=5))
    drained()

    reconcile.run(Shop("customer", customer()).sync, apply=True)

    assert drift() == []
    (row,) = rows("stripe_customers")
    assert (row["balance"], row["refetch_at"]) == (5, None)


def test_a_row_that_is_newer_but_was_edited_is_asked_for(sql, rows, drift):
    put(stories.customer_event(at=NOW + 5))
    drained()
    sql.execute("UPDATE stripe_customers SET balance = 9")
    shop = Shop("customer", customer())

    def pass_time():
        shop.now = NOW + 10

    shop.meanwhile = pass_time
    reconcile.run(shop.sync, apply=True)

    assert drift() == [("cus_1", "balance", "changed here", True)]
    assert rows("stripe_customers")[0]["balance"] is None
