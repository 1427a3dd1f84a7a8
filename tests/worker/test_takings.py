"""How long a drain goes on, for whom it rings, and what it no longer trusts."""

import pytest

from settings import Inbox, Settings
from tests import handlers
from tests.worker.stories import age, customer_event, drained, invoice, put, retried, rung
from worker import inbox
from worker.ledger import unread_id


@pytest.fixture
def no_time(monkeypatch):
    """The time slice of a drain is over after its first batch."""
    short = Settings(inbox=Inbox.model_validate({"time_slice_seconds": 1e-9}))
    monkeypatch.setattr("worker.drain.settings", lambda: short)


def test_a_drain_does_not_ring_for_what_another_worker_has_in_hand(clean):
    put(invoice())
    inbox.take("stripe", 1)

    assert drained() == {"left": 1}
    assert inbox.redis().llen("stripe") == 0


def test_a_drain_rings_when_its_time_is_up_before_the_stream_is_empty(clean, no_time):
    put(*[invoice(f"evt_{n}") for n in range(150)])

    assert rung() == {"handled": 100, "left": 50}
    assert inbox.redis().llen("stripe") == 1


def test_a_drain_ends_with_its_time_though_more_is_to_reclaim(clean, no_time):
    put(invoice("evt_1"), invoice("evt_2"))
    inbox.take("stripe", 2)
    age()

    assert rung() == {"handled": 1, "left": 1}


@pytest.mark.parametrize(("takings", "outcome"), [(1, "handled"), (2, "handled"), (3, "retrying")])
def test_an_entry_goes_to_the_retry_path_only_after_three_takings(takings, outcome, ledger):
    put(invoice())
    inbox.take("stripe", 1)
    age(times=takings)

    assert drained() == {outcome: 1, "left": 0}


def test_a_suspect_waits_unread_with_its_bytes_and_the_retry_path_finds_its_name(ledger):
    sent = customer_event("evt_1")
    _suspect(sent)
    kept = ledger()[unread_id(sent)]
    assert (kept["status"], kept["attempts"], kept["body"]) == ("retrying", 0, sent.body)
    assert handlers.calls == []

    assert retried() == {"handled": 1}
    assert [(id, k["status"], k["attempts"]) for id, k in ledger().items()] == [
        ("evt_1", "handled", 1)
    ]


def test_a_suspect_is_ignored_when_its_event_is_handled_already(ledger, mirrored):
    put(customer_event("evt_1"))
    drained()
    before = mirrored()
    _suspect(customer_event("evt_1"))

    assert retried() == {"ignored": 1}
    assert ledger()[unread_id(customer_event("evt_1"))]["reason"] == "the same as evt_1"
    assert ledger()["evt_1"]["status"] == "handled"
    assert len(handlers.calls) == 1
    assert mirrored() == before


def _suspect(delivery):
    put(delivery)
    inbox.take("stripe", 1)
    age(times=3)
    assert drained() == {"retrying": 1, "left": 0}
