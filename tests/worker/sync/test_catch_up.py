"""What Stripe's log has and the ledger lacks comes in as what fell back does: all of it, once."""

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from integrations.sources import SYNCS
from settings import settings
from tests import handlers
from tests.worker.stories import drained
from tests.worker.stories import stripe as told
from worker import inbox
from worker.ledger import Record, keep
from worker.syncs import catch_up

STRIPE = SYNCS["stripe"]


def caught_up(**options):
    return catch_up.catch_up(STRIPE, **options)


def test_exactly_what_is_lacking_is_taken_and_handled(began, came, runs, ledger, rows):
    came("evt_1", 4000)
    came("evt_2", 3000, lost=True)
    came("evt_3", 3000)  # in the same second
    came("evt_4", 3000, lost=True)
    came("evt_5", 2000)
    assert caught_up().status == "complete"
    assert {id: row["status"] for id, row in ledger().items() if row["status"] != "handled"} == {
        "evt_2": "received",
        "evt_4": "received",
    }
    assert drained() == {"handled": 2, "left": 0}
    assert {"cus_of_evt_2", "cus_of_evt_4"} < {row["id"] for row in rows("stripe_customers")}

    (run,) = runs()
    assert (run["there"], run["here"], run["fetched"], run["applied"]) == (5, 3, 2, 2)
    assert run["gap_from"] == run["gap_to"] == ledger()["evt_2"]["occurred_at"]


def test_a_second_run_begins_an_overlap_before_the_last_and_finds_nothing_twice(
    began, came, runs, stripe, ledger
):
    came("evt_1", 400, lost=True)
    caught_up()
    drained()
    came("evt_2", 399, lost=True)  # it took a while to come into the log
    caught_up()
    assert [(run["there"], run["here"], run["fetched"]) for run in runs()] == [(1, 0, 1), (2, 1, 1)]
    since = [int(params["created[gte]"]) for _, params in stripe.asked]
    day = timedelta(days=1).total_seconds()
    overlap = settings().syncs.sync_overlap_seconds
    assert since[-1] - since[0] == pytest.approx(day - 60 - overlap, abs=120)


def test_where_our_clock_is_ahead_the_next_run_begins_at_stripes_own_time(began, stripe, sql):
    stripe.now -= 7200
    assert caught_up().status == "complete"
    (until,) = sql.execute("SELECT complete_until FROM sync_cursors").fetchone()
    assert stripe.now - 60 <= until.timestamp() <= stripe.now


def test_what_was_before_we_began_is_left_to_the_backfill(stripe, ledger, runs):
    stripe.happened("evt_1", 600)
    caught_up()
    caught_up()
    assert ledger() == {}
    assert [run["status"] for run in runs()] == ["complete"] * 2


def test_what_may_be_on_its_way_is_left_alone(began, came, ledger, sql):
    came("evt_1", 5, lost=True)
    caught_up()
    assert "evt_1" not in ledger()


@pytest.mark.usefixtures("began")
@pytest.mark.parametrize("where", ["stream", "ledger"])
def test_it_reads_up_to_five_minutes_before_the_oldest_that_waits(where, came, ledger, sql):
    came("evt_1", 1000, lost=True)
    came("evt_2", 500, lost=True)
    waits = told("evt_w", "customer.updated", {"object": "customer", "id": "cus_w"})
    if where == "ledger":
        keep(Record(waits, "evt_w", "received", attempts=0))
        sql.execute(
            "UPDATE events SET received_at = now() - interval '400 s' WHERE event_id = 'evt_w'"
        )
    else:
        inbox.redis().delete(inbox.stream("stripe"))
        at = int((datetime.now(UTC) - timedelta(seconds=400)).timestamp() * 1000)
        inbox.redis().xadd(inbox.stream("stripe"), {"body": waits.body, "endpoint": ""}, f"{at}-0")
    caught_up()
    assert "evt_1" in ledger()
    assert "evt_2" not in ledger()
    sql.execute("UPDATE events SET status = 'handled'")
    inbox.redis().delete(inbox.stream("stripe"))
    caught_up()
    assert "evt_2" in ledger()


def test_types_that_nobody_handles_do_not_count(began, came, runs, ledger):
    came("evt_1", 900, lost=True, type="balance.available", data={"object": {"object": "balance"}})
    came("evt_2", 900, lost=True, livemode=True)
    caught_up()
    assert runs()[0]["there"] == 0
    assert list(ledger()) == ["evt_first"]


def test_a_handler_of_the_teams_own_gets_what_was_missed(began, came):
    came("evt_1", 900, lost=True, type="invoice.paid", data={"object": {"object": "invoice"}})
    caught_up()
    drained()
    assert handlers.calls[-1].id == "evt_1"


def test_a_throttled_catch_up_is_no_success_and_goes_on_where_it_stopped(
    began, came, stripe, runs, ledger
):
    for n in range(300):
        came(f"evt_{n}", 4000 - n, lost=True)
    stripe.patience = 3850
    stopped = caught_up(seconds=60)
    assert (stopped.status, stopped.wait) == ("stopped", 60)
    so_far = runs()[0]["fetched"]
    assert 0 < so_far < 300
    assert len(ledger()) == 1 + so_far

    _forget_the_429()
    stripe.patience, asked = 0, len(stripe.asked)
    assert caught_up(seconds=60).status == "complete"
    assert stripe.asked[asked][1]["created[gte]"] > stripe.asked[0][1]["created[gte]"]
    (run,) = runs()
    assert (run["there"], run["fetched"]) == (300, 300)


def _forget_the_429():
    for key in inbox.redis().scan_iter("tallyman:outbound:*", count=1000):
        inbox.redis().delete(key)


def test_each_connected_account_that_we_know_has_a_run_of_its_own(began, came, runs, ledger):
    came("evt_c", 4000, account="acct_1")
    came("evt_d", 3000, account="acct_1", lost=True)
    came("evt_e", 3000, lost=True)
    assert catch_up.events(STRIPE) == "complete complete"
    assert [(run["account"], run["fetched"]) for run in runs()] == [("", 1), ("acct_1", 1)]
    drained()
    assert (ledger()["evt_d"]["account"], ledger()["evt_d"]["status"]) == ("acct_1", "handled")


def test_an_account_that_refuses_stops_no_other(began, came, runs, stripe):
    came("evt_c", 4000, account="acct_1")
    stripe.answers = [403]
    assert re.fullmatch("failed: .*403.* complete", catch_up.events(STRIPE))


def test_in_one_slot_a_task_that_is_rung_again_does_nothing(began, stripe, runs):
    assert catch_up.events(STRIPE) == "complete"
    assert catch_up.events(STRIPE) in {"not now", "complete"}  # where a slot began in between
    assert len(runs()) <= 2


def test_what_the_log_has_forgotten_while_a_run_stood_still_is_told(began, stripe, sql, runs, came):
    for n in range(300):
        came(f"evt_{n}", 4000 - n, lost=True)
    assert caught_up(seconds=0).status == "running"
    sql.execute(
        "UPDATE sync_cursors SET state = (SELECT jsonb_object_agg(name, (told::timestamptz"
        " - interval '40 days')::text) FROM jsonb_each_text(state - 'begun') AS of(name, told))"
    )
    caught_up()
    (run,) = runs()
    lost = (run["gap_to"] - run["gap_from"]).total_seconds()
    assert lost == pytest.approx(10.5 * 86400, abs=86400)


def test_what_a_slice_does_not_suffice_for_is_the_next_ones(began, came, runs, bells, monkeypatch):
    came("evt_c", 4000, account="acct_1")
    given = settings()
    spent = given.inbox.model_copy(update={"time_slice_seconds": 0})
    monkeypatch.setattr(
        catch_up, "settings", lambda: SimpleNamespace(syncs=given.syncs, inbox=spent)
    )
    assert catch_up.events(STRIPE) == "complete"
    assert bells("stripe.work") == ["stripe.sync.events"]
    monkeypatch.undo()
    assert catch_up.events(STRIPE).endswith("complete")
    assert {run["account"] for run in runs()} == {"", "acct_1"}


def test_what_the_log_has_forgotten_is_told(began, stripe, sql, runs):
    caught_up()
    sql.execute("UPDATE sync_cursors SET complete_until = now() - interval '40 days'")
    sql.execute("UPDATE sync_runs SET started_at = now() - interval '50 days'")
    caught_up()
    run = runs()[-1]
    lost = (run["gap_to"] - run["gap_from"]).total_seconds()
    assert lost == pytest.approx(10 * 86400 + settings().syncs.sync_overlap_seconds, abs=60)
