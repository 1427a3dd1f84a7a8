"""Events are found by what they are about, on whatever way they were applied."""

import pytest

from tests.worker.stories import T0, clerk, customer_event, delivery, drained, put, retried, user
from worker import dead_letters, search
from worker.ledger import Record, keep
from worker.search import Filter


def found(entity, **more):
    return [event.event_id for event in search.events(Filter(entity=entity, **more), 10)]


def test_events_are_found_by_what_they_are_about(clean):
    put(customer_event("evt_1"), customer_event("evt_2", id="cus_2"))
    put(clerk("m1", "user.created", user()))
    drained()
    drained("clerk")
    assert found("cus_1") == ["evt_1"]
    assert found("user_1") == ["m1"]
    assert found("user_1", service="stripe") == []


def test_one_that_fell_back_is_found_when_it_was_applied(clean):
    keep(Record(customer_event("evt_1"), "evt_1", "received", attempts=0))
    assert found("cus_1") == []
    drained()
    assert found("cus_1") == ["evt_1"]


def test_one_that_failed_is_found_before_it_succeeds(failed):
    assert found("in_1") == ["evt_1"]


def test_one_from_before_is_found_when_it_was_replayed(sql):
    put(customer_event("evt_1"))
    drained()
    sql.execute("UPDATE events SET entity = NULL")
    dead_letters.replay(Filter(service="stripe"), 1)
    retried()
    assert found("cus_1") == ["evt_1"]


@pytest.mark.parametrize("id", [None, 7, "", "x" * 5000])
def test_what_has_no_id_that_an_index_can_hold_is_about_nothing(id, ledger):
    body = f'{{"id": "evt_1", "object": "event", "type": "x.y", "created": {T0}, '
    told = "null" if id is None else str(id) if isinstance(id, int) else f'"{id}"'
    put(delivery((body + f'"data": {{"object": {{"object": "x", "id": {told}}}}}}}').encode()))
    drained()
    assert ledger()["evt_1"]["entity"] is None
