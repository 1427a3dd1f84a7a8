"""What may come back instead: each is refused with its reason, and nothing is told or kept."""

import hashlib
import json
import time
from types import SimpleNamespace

import pytest

from receiver import oauth_return, oauth_start, refusals
from settings import ROOT, settings
from simulator.oauth_dials import OAuthDials
from tests.receiver.oauth.browser import KEY, Browser, link, parameter, reason
from tests.receiver.oauth.hostile import AT_THE_START, FROM_OUTSIDE
from tests.receiver.oauth.providers import CLIENT
from tests.receiver.oauth.sick import AT_THE_SERVICE
from worker.inbox import redis
from worker.refused import latest


@pytest.fixture
def clock(monkeypatch):
    clock = SimpleNamespace(ahead=0.0)
    clock.time = lambda: time.time() + clock.ahead
    monkeypatch.setattr(oauth_start, "time", clock)
    monkeypatch.setattr(oauth_return, "time", clock)
    return clock


@pytest.fixture
def impatient(setting):
    setting("CALL_READ_SECONDS", "0.3")


def _harmless(answer):
    assert "Location" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert "evil.example" not in answer.text
    assert "alert" not in answer.text
    assert "leaked" not in answer.text


@pytest.fixture
def afresh(oauth_app, authority, connections, sql, clock):
    """Give a new browser, with nothing kept and nothing wrong at the service."""

    def afresh():
        sql.execute("DELETE FROM oauth_connections")
        for key in redis().scan_iter("tallyman:o*"):  # flows, and what the gate remembers
            redis().delete(key)
        authority.dials, authority.faults, clock.ahead = OAuthDials(), [], 0.0
        authority.client_secret = CLIENT.secret
        authority.counts.clear()
        refusals._noted = 0
        return Browser(oauth_app)

    return afresh


def test_who_comes_back_wrongly_connects_nothing(afresh, clock, authority, connections):
    answered = {}
    tried = AT_THE_START | FROM_OUTSIDE
    for what, (go, _, why) in tried.items():
        browser = afresh()
        answer = go(browser, browser.app, clock)
        answered[what] = (go, answer.status_code, reason(answer))
        _harmless(answer)
        replayed = why == "state_replayed"
        assert len(connections()) == replayed, what
        assert authority.counts["authorization_code"] == (replayed or why == "code_refused"), what
        assert latest(1)[0].reason == why, what
    assert answered == tried


def test_a_service_that_fails_is_told_of_and_nothing_is_kept(
    afresh, authority, impatient, connections
):
    answered = {}
    for what, (go, _, _) in AT_THE_SERVICE.items():
        answer = go(afresh(), authority)
        answered[what] = (go, answer.status_code, reason(answer))
        _harmless(answer)
        assert connections() == [], what
    assert answered == AT_THE_SERVICE


def test_a_service_whose_breaker_is_open_is_not_asked(browser, authority, setting):
    setting("BREAKER_FAILURES", "1")
    AT_THE_SERVICE["500"][0](browser, authority)
    answer = browser.come_back()
    assert (answer.status_code, reason(answer)) == (503, "provider_busy")
    assert authority.counts["authorization_code"] == 0


def test_no_secret_is_in_a_page_or_a_log(capfd, browser, authority, clock):
    url = link()
    there = browser.begin(url)
    cookie = next(iter(browser.cookies.values())).value
    back = browser.consent(there)
    key = f"tallyman:oauth:{hashlib.sha256(parameter(there, 'state').encode()).hexdigest()}"
    kept = json.loads(redis().get(key) or "")
    answers = [browser.get(address) for address in (back, back, url)]
    (pair,) = authority.families[0].pairs
    told = "".join([capfd.readouterr().err, *(a.text + str(a.headers) for a in answers)])
    assert "oauth.connected" in told
    secrets = [cookie, kept["verifier"], pair.access, pair.refresh, authority.client_secret, KEY]
    secrets += [parameter(there, "state"), parameter(back, "code"), parameter(url, "signature")]
    for secret in secrets:
        assert len(secret) > 10
        assert secret not in told + repr(latest(9))
    assert cookie not in kept.values()


def test_the_page_has_the_table_of_what_was_tried():
    said = (ROOT / "docs" / "oauth-tried.md").read_text()
    for tried in (AT_THE_START, FROM_OUTSIDE, AT_THE_SERVICE):
        for what, (_, status, why) in tried.items():
            assert f"| {what} | {status} | `{why}` |" in said


def test_the_settings_lead_nowhere_else(setting):
    for url in ("http://tallyman.example.com", "//evil.example", "https://a@evil.example", "x"):
        setting("OAUTH_PUBLIC_URL", url)
        with pytest.raises(SystemExit, match="OAUTH_PUBLIC_URL"):
            settings()
