"""What Sentry is told, and what it must never be told, looked at in the envelopes themselves."""

import logging

import pytest

import telemetry
from integrations.errors import Permanent
from settings import settings
from tests import captured, handlers
from tests.worker import stories
from worker import due, upkeep
from worker.schedule import Entry

PRIVATE = "ada@example.org"
LADY, LIVE = "Lady", "sk_live"  # put together below: a report quotes lines of code
NAME, KEY = f"{LADY} Lovelace", f"{LIVE}_51Habc"


@pytest.fixture
def sentry(clean):
    with captured.sentry() as envelopes:
        yield envelopes


def _gives_up(*_):
    raise Permanent(f"no account for {PRIVATE}, whose key is {KEY}, since evt_0{id(object())}")


def _is_broken(*_):
    private = PRIVATE
    raise ValueError(f"{len(private)} parts\n[parameters: {PRIVATE}]")


def _deliver(*ids, how=_gives_up):
    handlers.behaviour["invoice.paid"] = how
    stories.put(*(stories.invoice(id, customer_name=NAME) for id in ids))
    stories.drained()


def test_dead_letters_of_one_cause_are_one_report_with_service_event_and_attempt(sentry):
    _deliver("evt_1", "evt_2", "evt_3")
    (report,) = sentry.of("event")
    assert report["logentry"]["message"].startswith("stripe: event.dead: Permanent: no account for")
    assert report["tags"] == {"service": "stripe", "event_id": "evt_1", "attempt": "1"}
    assert report["fingerprint"][:2] == ["event.dead", "stripe"]
    assert "*" in report["fingerprint"][2]


def test_another_cause_is_another_report(sentry):
    def other(*_):
        raise Permanent("the plan is unknown")

    _deliver("evt_1")
    _deliver("evt_2", how=other)
    first, second = sentry.of("event")
    assert first["fingerprint"] != second["fingerprint"]


def test_what_a_retry_may_mend_is_not_reported(sentry):
    _deliver("evt_1", how=_is_broken)
    assert sentry.of("event") == []


def test_nothing_personal_and_no_secret_is_sent(sentry):
    _deliver("evt_1")
    try:
        _is_broken()
    except ValueError:
        telemetry.log("tests").error("broke", payload={"email": PRIVATE})
        logging.getLogger("a.library").warning("asked for %s", NAME)
        logging.getLogger("a.library").exception("said %s of %s", PRIVATE, NAME)
        logging.getLogger("a.library").error(LookupError(NAME))  # noqa: TRY400  as libraries do
    dead, ours, theirs, bare = sentry.of("event")
    assert theirs["logentry"] == {"message": "said %s of %s"}
    assert "asked for %s" in [one["message"] for one in theirs["breadcrumbs"]["values"]]
    assert bare["logentry"] == {"message": "a.library: LookupError"}
    assert ours["logentry"] == {"message": "broke"}
    assert [one["value"] for one in theirs["exception"]["values"]] == ["15 parts"]
    for item in (dead, ours, theirs, bare):
        assert not {"request", "extra", "user"} & item.keys()
        assert not any("vars" in frame for frame in _frames(item))
    for private in (PRIVATE, KEY, NAME):
        assert private not in sentry.text()


def _frames(item):
    raised = item.get("exception", {}).get("values", [])
    return [frame for one in raised for frame in one["stacktrace"]["frames"]]


def test_a_library_of_services_adds_nothing_of_its_own(sentry):
    import sentry_sdk

    on = set(sentry_sdk.get_client().integrations)
    assert on == {"logging", "excepthook", "threading", "dedupe", "atexit", "celery"}


@pytest.fixture
def monitored(clean):
    with captured.sentry(sentry_monitors="all") as envelopes:
        yield envelopes


def test_beat_signs_in_with_its_monitor_once_a_minute(monitored):
    for _ in range(3):
        upkeep.mark_beat("host:1")
    (sign,) = monitored.of("check_in")
    assert (sign["monitor_slug"], sign["status"]) == ("tallyman-beat", "ok")
    assert sign["monitor_config"]["schedule"] == {"type": "interval", "value": 1, "unit": "minute"}


def test_what_the_schedule_sends_signs_in_unless_it_is_due_more_often(monitored, monkeypatch):
    monkeypatch.setenv("SENTRY_MONITORS", "all")
    settings.cache_clear()
    due.tick({"a.sync": Entry("upkeep.runs", 300.0), "b": Entry("upkeep.runs", 5.0)})
    signs = monitored.of("check_in")
    assert [sign["monitor_slug"] for sign in signs] == ["tallyman-a-sync"]
    assert signs[0]["monitor_config"]["schedule"]["value"] == 5
    monkeypatch.undo()
    settings.cache_clear()
