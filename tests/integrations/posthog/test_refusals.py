"""What PostHog did not take is tried again, or dead, and never taken for sent."""

import pytest

from settings import settings
from simulator.posthog_api import OVER_QUOTA, TAKEN, Fault


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault(429, headers={"Retry-After": "7"}), "waiting"),
        (Fault(500), "waiting"),
        (Fault(502, body=b"<html>"), "waiting"),
        (Fault(200, body=b"<html>"), "waiting"),
        (Fault(200, body=TAKEN[:-4]), "waiting"),
        (Fault(200, body=b'{"status":0,"error":"no"}'), "waiting"),
        (Fault(200, body=b"[]"), "waiting"),
        (OVER_QUOTA, "waiting"),
        (Fault(400), "dead"),
        (Fault(413, body=b""), "dead"),
    ],
    ids=lambda value: str(value.status) + str(value.body)[:14] if isinstance(value, Fault) else "",
)
def test_what_was_not_taken_is_tried_again_or_dead_and_never_taken_for_sent(
    posthog, ask, fault, status
):
    posthog.faults.append(fault)
    ((found, why),) = ask("capture", event="paid", user="user_1")
    assert (found, posthog.events) == (status, [])
    assert "PostHog" in why or "posthog" in why


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(posthog, ask, status):
    """It might lead to where nobody may read the event, and makes a GET of the POST."""
    posthog.faults.append(Fault(status, headers={"Location": f"{posthog.url}/batch/"}))
    ((found, why),) = ask("capture", event="paid", user="user_1")
    assert (found, posthog.events) == ("dead", [])
    assert str(status) in why


@pytest.mark.parametrize("host", ["ftp://us.i.posthog.com", "http://[x"])
def test_what_is_no_address_is_said_to_be_none(posthog, ask, host, monkeypatch):
    monkeypatch.setenv("POSTHOG_HOST", host)
    settings.cache_clear()
    ((found, why),) = ask("capture", event="paid", user="user_1")
    assert (found, why) == ("dead", "Permanent: the service's address is wrong: see its setting")


def test_half_an_answer_is_tried_again(posthog, ask):
    posthog.faults.append(Fault(200, headers={"content-encoding": "gzip"}, done=True))
    assert ask("capture", event="paid", user="user_1")[0][0] == "waiting"
    assert ask()[0][0] == "sent"
    assert (len(posthog.events), len(posthog.kept)) == (2, 1)


def test_an_event_that_is_never_answered_is_sent_again_as_the_same(posthog, ask, monkeypatch):
    monkeypatch.setenv("CALL_READ_SECONDS", "0.2")
    settings.cache_clear()
    posthog.faults.append(Fault(hangs=True, done=True))
    assert ask("capture", event="paid", user="user_1")[0][0] == "waiting"
    assert ask()[0][0] == "sent"
    assert (len(posthog.events), len(posthog.kept)) == (2, 1)


def test_a_log_tells_nothing_of_what_is_sent(posthog, ask, caplog, capfd):
    posthog.faults.append(Fault(400))
    ask("capture", event="paid", user="user_1", properties={"card": "4242-secret"})
    out, err = capfd.readouterr()
    assert "4242-secret" not in caplog.text + out + err


def test_without_a_key_nothing_is_sent(clean, ask):
    assert ask("capture", event="paid", user="user_1")[0][0] == "waiting"


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_refused_kills_nothing(posthog, ask, status):
    posthog.faults.append(Fault(status, body=b'["no detail here"]'))
    ((found, why),) = ask("capture", event="paid", user="user_1")
    assert (found, posthog.events) == ("waiting", [])
    assert why == f"Blocked: PostHog refuses POSTHOG_PROJECT_KEY ({status})"
