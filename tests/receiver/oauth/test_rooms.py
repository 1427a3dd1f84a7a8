"""How much of the receiver browsers can hold, whatever hangs: webhooks are taken all the same."""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from urllib.parse import urlsplit

import psycopg
import pytest

from integrations.oauth.interface import Client, Provider
from receiver import oauth_rooms
from settings import settings
from tests.receiver.deliveries import signed, stripe_body
from tests.receiver.oauth import providers as at_loopback
from tests.receiver.oauth.browser import Browser, changed, link, reason


@pytest.fixture
def hanging(sql):
    """Give a Postgres that answers nothing about connections meanwhile."""

    @contextmanager
    def hanging():
        password = urlsplit(settings().stores.database_url).password
        with psycopg.connect(sql.info.dsn, password=password) as other:
            other.execute("LOCK TABLE tallyman_test.oauth_connections IN ACCESS EXCLUSIVE MODE")
            yield
            other.rollback()

    return hanging


def test_a_postgres_that_hangs_is_asked_by_a_few_browsers_and_webhooks_are_taken(
    oauth_app, hanging, sql, until
):
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    places = oauth_rooms.ASKING
    with ThreadPoolExecutor(places) as threads, hanging():
        held = [threads.submit(Browser(oauth_app).get, link()) for _ in range(places)]
        until(lambda: sql.execute(waiting).fetchone() == (places,))
        answer = Browser(oauth_app).get(link())
        body = stripe_body("evt_1")
        webhook = oauth_app.test_client().post(
            "/webhooks/stripe", data=body, headers=signed("stripe", body)
        )
    assert (answer.status_code, reason(answer)) == (503, "unavailable")
    assert webhook.status_code == 202
    assert {h.result().status_code for h in held} == {200}


def test_what_nobody_signed_and_nobody_began_asks_postgres_nothing(browser, hanging):
    with hanging():
        assert reason(browser.get(link(key="x" * 32))) == "link_forged"
        assert reason(browser.get("/oauth/loopback/callback?state=made-up")) == "state_unknown"


def test_states_that_are_made_up_take_no_room(browser):
    url = browser.consent(browser.begin())
    with ExitStack() as full:
        for _ in range(oauth_rooms.OF_A_SERVICE):
            full.enter_context(oauth_rooms.room("loopback"))
        assert reason(browser.get(changed(url, state="made-up"))) == "state_unknown"
        assert reason(browser.get(url)) == "busy"
    assert reason(browser.get(url)) == "connected"
    with ExitStack() as full:
        for _ in range(oauth_rooms.OF_A_SERVICE):
            full.enter_context(oauth_rooms.room("loopback"))
        assert reason(browser.get(url)) == "state_replayed"


def test_services_that_hang_do_not_hold_all_together(browser):
    url = browser.consent(browser.begin())
    with ExitStack() as full:
        for n in range(oauth_rooms.OF_ALL):
            full.enter_context(oauth_rooms.room(f"service_{n}"))
        assert reason(browser.get(url)) == "busy"
        assert browser.get(link()).status_code == 200


@pytest.mark.parametrize("broken", ["client_id", "issuer"])
def test_a_provider_whose_settings_cannot_be_read_is_not_set_up(browser, monkeypatch, broken):
    url = browser.consent(browser.begin())
    with monkeypatch.context() as patch:
        patch.delitem(at_loopback.at, broken)
        for address in (link(), url):
            answer = browser.get(address)
            assert (answer.status_code, reason(answer)) == (503, "not_configured")
    assert reason(browser.get(url)) == "connected"


def test_what_a_provider_of_the_team_s_own_raises_is_a_page(browser, monkeypatch):
    url = link()
    sure = browser.sure(url)
    monkeypatch.setitem(at_loopback.at, "scopes", SimpleNamespace(split=lambda: [1, 2]))
    answer = browser.post(url, sure=sure)
    assert (answer.status_code, reason(answer)) == (503, "not_configured")


def test_a_provider_that_raises_is_off():
    assert not Provider(
        name="acme", client=lambda: Client(os.environ["ACME_ID"]), endpoints=at_loopback._endpoints
    ).on()
