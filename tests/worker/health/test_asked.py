"""A signal that raises leaves the others to be heard, and nothing of its own is called over."""

import pytest
from redis.exceptions import ConnectionError as Away
from sqlalchemy.exc import OperationalError

from tests.worker.health.reasons import code


@pytest.fixture
def broken(monkeypatch):
    """Have the signal on dead letters raise, of these services or all."""
    from worker import health

    whole = health.SIGNALS["dead"]

    def breaks(*services, error=KeyError):
        def raises(look):
            if not services or set(services) & set(look.services):
                raise error("ada@example.org")
            yield from whole[0](look)

        monkeypatch.setitem(health.SIGNALS, "dead", (raises, whole[1]))

    return breaks


def test_the_other_signals_are_heard_and_it_is_said_that_one_is_missing(past, told, broken):
    past("50 min", every="1 min", until="5 min", status="dead", error="KeyError: x")
    broken()
    found = told()
    assert {reason.code for reason in found.reasons} == {"failure_rate", "watch_failed"}
    assert found.unseen == {"dead_letters"}
    assert code(found, "watch_failed").cause == "dead"
    assert "ada" not in str(found)


def test_of_the_services_that_it_does_not_stumble_over_it_is_heard(past, broken):
    from worker.health import health

    past("1 day", until="1 day", status="dead", error="KeyError: x")
    broken("clerk")
    stripe, clerk = health(["stripe", "clerk"])
    assert [reason.code for reason in stripe.reasons] == ["dead_letters"]
    assert [reason.code for reason in clerk.reasons] == ["watch_failed"]


def test_a_store_that_is_away_is_no_defect_of_a_signal(clean, told, broken):
    broken(error=Away)
    with pytest.raises(Away):
        told()


@pytest.fixture
def slow(monkeypatch, sql):
    """Have the signal on dead letters wait for longer than Postgres does; count how often."""
    from sqlalchemy import text

    from db.session import transaction
    from worker import health

    asked = []

    def waits(look):
        asked.append(look.services)
        with transaction() as session:
            session.execute(text("SET LOCAL statement_timeout = 1"))
            session.execute(text("SELECT pg_sleep(20)"))
        yield from ()

    monkeypatch.setitem(health.SIGNALS, "dead", (waits, health.SIGNALS["dead"][1]))
    return asked


def test_what_takes_too_long_is_not_asked_once_more_for_each_service(slow):
    from worker.health import health

    found = health(["stripe", "clerk"])
    assert len(slow) == 1
    assert [one.unseen for one in found] == [{"dead_letters"}] * 2
    assert [one.reasons[-1].code for one in found] == ["watch_failed"] * 2


def test_where_somebody_waits_for_a_page_it_is_given_up_with_the_page(slow):
    from worker import patience
    from worker.health import health

    patience.limit(5000)
    try:
        with pytest.raises(OperationalError) as error:
            health(["stripe", "clerk"])
    finally:
        patience.limit(None)
    assert patience.given_up(error.value)


def test_every_code_is_one_that_a_setting_may_name(clean):
    from settings.watch import CODES
    from worker.health import CALLING, SIGNALS

    told = {code for _, codes in SIGNALS.values() for code in codes}
    assert told | {*CALLING, "watch_failed"} == CODES
