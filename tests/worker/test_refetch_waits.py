"""What could not be fetched waits: not long where the service was away, longer every time else."""

from datetime import UTC, datetime, timedelta

from integrations.errors import Deferred, Permanent, Transient
from tests.worker import stories
from tests.worker.refetching import account, row, service, tie
from tests.worker.stories import drained, put, stripe
from worker.syncs import refetch

__all__ = ["row", "service", "tie"]


def test_a_deferred_call_ends_the_slice_and_moves_nothing(tie, service, row, rows):
    before = row()["refetch_at"]
    service.there["cus_1"] = Deferred("its breaker is open", wait=600)
    assert service.run().startswith("stopped: Deferred")

    assert row()["refetch_at"] == before
    service.says("cus_1", stories.customer(name="Dora"))
    assert service.run() == "complete"
    assert account(rows) == [("complete", 1, 1, 1, 0, 0)]


def waits(row):
    return row["refetch_at"] - datetime.now(UTC)


def test_a_call_that_was_cut_off_is_made_again_soon(tie, service, row, rows):
    service.there["cus_1"] = Transient("cut off")
    assert service.run().startswith("failed: 1 ")
    assert timedelta(seconds=50) < waits(row()) < timedelta(seconds=61)
    assert service.run() == "idle"


def test_who_is_refused_waits_longer_every_time(tie, service, row, sql):
    service.there["cus_1"] = Permanent("refused")
    service.run()
    assert timedelta(minutes=4) < waits(row()) < timedelta(minutes=6)

    sql.execute(
        "UPDATE stripe_customers SET refetch_at = now(), written_at = now() - interval '3 h'"
    )
    service.run()
    assert timedelta(hours=2) < waits(row()) < timedelta(hours=4)

    sql.execute(
        "UPDATE stripe_customers SET refetch_at = now(), written_at = now() - interval '90 d'"
    )
    service.run()
    assert timedelta(hours=23) < waits(row()) < timedelta(hours=25)


def test_what_cannot_be_read_is_counted_and_the_others_are_fetched(service, rows):
    for id in ("cus_1", "cus_2"):
        for n, name in enumerate("AB"):
            put(stories.customer_event(f"evt_{n}{id}", id=id, name=name))
    drained()
    service.says("cus_1", stories.customer("cus_1", name=["no text"]))
    service.says("cus_2", stories.customer("cus_2", name="Dora"))

    service.run()
    assert account(rows) == [("failed", 1, 1, 1, 1, 0)]
    by_id = {r["id"]: r["refetch_at"] for r in rows("stripe_customers")}
    assert by_id["cus_1"] > datetime.now(UTC)
    assert by_id["cus_2"] is None


def test_a_service_that_refuses_all_is_not_asked_for_each(service, rows):
    for of in range(15):
        for n, name in enumerate("AB"):
            put(stories.customer_event(f"evt_{n}_{of}", id=f"cus_{of}", name=name))
        service.there[f"cus_{of}"] = Permanent("the key is wrong")
    drained()
    assert service.run().startswith("stopped: Permanent: the key is wrong")
    assert len(service.asked) == refetch.MOST_FAILURES


def test_a_list_that_is_never_told_whole_is_not_asked_for_all_the_time(service, rows):
    short = {"items": {"data": [stories.item()], "has_more": True}}
    put(stripe("evt_1", "customer.subscription.updated", stories.subscription() | short))
    drained()
    service.says("sub_1", stories.subscription() | short)

    assert service.run("subscription").startswith("failed")
    assert waits(rows("stripe_subscriptions")[0]) > timedelta(minutes=50)
