"""Dead letters: seen, tried again, or closed with a reason. Past events: applied again."""

import re

import pytest

from integrations.errors import Permanent
from settings import ROOT
from tests import handlers
from tests.worker.stories import clerk, customer_event, drained, invoice, put, retried
from worker import dead_letters, inbox
from worker.search import Filter


def refuse(_session, _event):
    raise Permanent("there is no such plan")


@pytest.fixture
def dead(sql):
    """Five dead events, received in the order of their numbers, and one that is handled."""
    handlers.behaviour |= {"invoice.paid": refuse, "customer.updated": refuse}
    put(*[invoice(f"evt_{n}") for n in range(4)], customer_event("evt_4"))
    drained()
    handlers.behaviour.clear()
    handlers.calls.clear()
    put(invoice("evt_ok"))
    drained()
    inbox.redis().delete("stripe.work")


def statuses(ledger):
    return {id: kept["status"] for id, kept in ledger().items()}


def test_the_view_shows_dead_events_only(dead, sql):
    shown = sql.execute("SELECT kind, service, id, error FROM dead_letters ORDER BY id").fetchall()
    error = "Permanent: there is no such plan"
    assert shown == [("event", "stripe", f"evt_{n}", error) for n in range(5)]


def test_one_is_redriven_and_handled(dead, ledger):
    assert dead_letters.redrive_one("stripe", "evt_2") == "redriven"
    assert (ledger()["evt_2"]["status"], ledger()["evt_2"]["attempts"]) == ("retrying", 0)
    assert inbox.redis().llen("stripe.work") == 1

    assert retried() == {"handled": 1}
    assert statuses(ledger)["evt_2"] == "handled"
    assert list(statuses(ledger).values()).count("dead") == 4


def test_redriving_what_is_not_dead_changes_nothing(dead, ledger):
    before = ledger()
    assert dead_letters.redrive_one("stripe", "evt_ok") == "not dead (any more)"
    assert dead_letters.redrive_one("stripe", "evt_unknown") == "not dead (any more)"
    assert ledger() == before


def test_redrive_takes_the_ones_that_the_filter_means(dead, ledger):
    moved = dead_letters.redrive(Filter(service="stripe", type="customer.*"), 10)

    assert moved == [("stripe", "evt_4")]
    assert statuses(ledger)["evt_4"] == "retrying"
    assert list(statuses(ledger).values()).count("dead") == 4


def test_a_redrive_never_moves_what_is_not_dead_whatever_the_filter_says(dead, ledger):
    dead_letters.redrive(Filter(status="handled"), 10)
    assert statuses(ledger)["evt_ok"] == "handled"


def test_the_limit_takes_the_oldest_first(dead, sql):
    sql.execute("UPDATE events SET received_at = now() - interval '1 day' WHERE event_id = 'evt_3'")
    assert ("stripe", "evt_3") in dead_letters.redrive(Filter(), 2)


def test_the_limit_is_kept(dead, ledger):
    assert len(dead_letters.redrive(Filter(), 2)) == 2
    assert list(statuses(ledger).values()).count("retrying") == 2


@pytest.mark.parametrize(
    "act",
    [
        lambda: dead_letters.redrive(Filter(), 10, dry_run=True),
        lambda: dead_letters.discard(Filter(), "x", 10, dry_run=True),
    ],
    ids=["redrive", "discard"],
)
def test_a_dry_run_names_what_it_would_move_and_changes_nothing(act, dead, ledger):
    before = ledger()
    assert sorted(act()) == [("stripe", f"evt_{n}") for n in range(5)]
    assert ledger() == before
    assert inbox.redis().llen("stripe.work") == 0


def test_what_is_discarded_is_closed_with_the_reason(dead, ledger, sql):
    dead_letters.discard(Filter(id="evt_1"), "a test event of the vendor", 10)

    kept = ledger()["evt_1"]
    assert (kept["status"], kept["reason"]) == ("discarded", "a test event of the vendor")
    assert kept["error"] == "Permanent: there is no such plan"
    assert sql.execute("SELECT count(*) FROM dead_letters").fetchone() == (4,)


def test_a_redriven_event_that_fails_again_is_dead_again(dead, ledger):
    handlers.behaviour["invoice.paid"] = refuse
    dead_letters.redrive_one("stripe", "evt_1")

    assert retried() == {"dead": 1}
    assert (ledger()["evt_1"]["status"], ledger()["evt_1"]["attempts"]) == ("dead", 1)


def test_a_replay_runs_the_handler_again_and_leaves_equal_rows(mirrored, ledger):
    put(customer_event("evt_1"))
    drained()
    before, calls = mirrored(), len(handlers.calls)

    assert dead_letters.replay(Filter(id="evt_1"), 1) == [("stripe", "evt_1")]
    assert retried() == {"handled": 1}
    assert len(handlers.calls) == calls + 1
    assert handlers.calls[-1].fresh is True
    assert mirrored() == before
    assert ledger()["evt_1"]["status"] == "handled"


def test_a_replayed_old_event_does_not_overwrite_what_is_newer(rows):
    put(customer_event("evt_1", 1, name="Old"), customer_event("evt_2", 2, name="New"))
    drained()
    dead_letters.replay(Filter(id="evt_1"), 1)
    retried()

    assert [row["name"] for row in rows("stripe_customers")] == ["New"]
    assert handlers.calls[-1].fresh is False


def test_an_event_without_its_body_is_not_replayed(dead, sql):
    sql.execute("UPDATE events SET body = NULL WHERE event_id = 'evt_ok'")
    assert dead_letters.replay(Filter(), 10) == []


SETTLED = ("handled", "ignored", "discarded")


def test_the_query_of_the_pages_empties_settled_messages_of_clerk_and_no_others(sql):
    page = (ROOT / "docs" / "operating.md").read_text()
    (query,) = re.findall(r"UPDATE tallyman\.(events SET body = NULL[^`;]*)", page)
    enter = (
        "INSERT INTO events (service, event_id, endpoint, account, type, status, attempts,"
        " received_at, body, headers) VALUES (%s, %s, '', '', %s, %s, 1, now(), '{}', '{}')"
    )
    for status in (*SETTLED, "received", "retrying", "dead"):
        for service, type in [
            ("clerk", "email.created"),
            ("clerk", "user.created"),
            ("loops", "email.sent"),
        ]:
            sql.execute(enter, (service, f"{type} {status}", type, status))
    sql.execute(f"UPDATE {query}")

    emptied = sql.execute("SELECT event_id FROM events WHERE body IS NULL").fetchall()
    assert {id for (id,) in emptied} == {f"email.created {status}" for status in SETTLED}


def test_services_are_redriven_apart(dead, ledger):
    handlers.behaviour["session.created"] = refuse
    put(clerk("msg_1", "session.created", {"object": "session", "id": "sess_1"}))
    drained("clerk")

    assert dead_letters.redrive(Filter(service="clerk"), 10) == [("clerk", "msg_1")]
    assert inbox.redis().llen("clerk.work") == 1
    assert inbox.redis().llen("stripe.work") == 0
