"""What waits and is not taken up; what is paused, and what is not set up at all."""

import pytest

from tests.worker.health.reasons import code
from worker import inbox

WAITING = """
    INSERT INTO events (service, event_id, endpoint, account, status, received_at)
    SELECT 'stripe', 'evt_' || n, '', '', 'received', now() - %s::interval
    FROM generate_series(1, 3) AS n
"""


AGES = [("1 min", "healthy"), ("5 min", "degraded"), ("1 h", "failing")]


@pytest.mark.parametrize(("ago", "state"), AGES)
def test_deliveries_that_nobody_applies_are_told_by_their_age(sql, told, ago, state):
    sql.execute(WAITING, (ago,))
    assert told().state == state


def test_where_no_worker_lives_that_is_said(sql, told):
    sql.execute(WAITING, ("5 min",))
    found = code(told(), "waiting_old")
    assert found.cause == "no worker"
    assert found.words == (
        "3 deliveries wait to be applied, the oldest for 5 min 0 s. No worker is alive."
    )


def test_what_is_paused_is_that_and_its_waiting_is_no_trouble(sql, told):
    sql.execute(WAITING, ("1 h",))
    inbox.pause("stripe")
    found = told()
    assert (found.state, found.reasons) == ("paused", ())


def test_dead_letters_of_what_is_paused_are_told_of(past, told):
    past("1 day", until="1 day", status="dead", error="KeyError: x")
    inbox.pause("stripe")
    found = told()
    assert (found.state, [r.code for r in found.reasons]) == ("paused", ["dead_letters"])


def test_what_is_not_set_up_is_that(told, set_to):
    assert told("app").state == "not configured"
    set_to(APP_WEBHOOK_URL="https://app.example", APP_WEBHOOK_SECRET="whsec_" + "a" * 32)
    assert told("app").state == "healthy"


def test_every_integration_has_a_state(clean):
    from worker.health import health

    assert {h.service for h in health()} == {
        *("stripe", "clerk", "loops", "posthog", "r2"),
        *("app", "slack"),
    }


EFFECT = """
    INSERT INTO effects (target, action, payload, attempts, created_at, retry_at)
    VALUES ('app', 'event', '{}', %s, now() - interval '1 h', now() + %s::interval)
"""


@pytest.fixture
def app(set_to):
    set_to(APP_WEBHOOK_URL="https://app.example", APP_WEBHOOK_SECRET="whsec_" + "a" * 32)


def test_effects_that_are_due_and_not_performed_are_told_of(sql, app, told):
    sql.execute(EFFECT, (0, "-5 min"))
    assert code(told("app"), "waiting_old").state == "degraded"


def test_effects_without_a_worker_are_told_apart_from_deliveries_without(sql, app, told):
    sql.execute(EFFECT, (0, "-5 min"))
    found = code(told("app"), "waiting_old")
    assert found.cause == "effects, no worker"


def test_effects_that_wait_for_their_time_are_not(sql, app, told):
    sql.execute(EFFECT, (0, "5 min"))
    assert told("app").state == "healthy"


def test_effects_that_were_tried_in_vain_for_long_are(sql, app, told):
    sql.execute(EFFECT, (4, "5 min"))
    assert code(told("app"), "retrying_old").state == "degraded"
