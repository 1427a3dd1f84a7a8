"""How an account is connected by a browser: the link, the way there, and the way back."""

import base64
import hashlib
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.fernet import Fernet

from integrations.oauth import flow, links
from integrations.oauth.providers import providers
from receiver import oauth_rooms
from receiver.app import create_app
from tests.receiver.oauth.browser import PUBLIC, Browser, changed, link, parameter, reason
from tests.receiver.oauth.providers import CLIENT
from worker.inbox import redis


def test_an_account_is_connected_by_who_has_a_link(browser, connections, authority):
    answer = browser.come_back()
    assert (answer.status_code, reason(answer)) == (200, "connected")
    assert connections() == [("loopback", "acme", "", "ada")]
    assert authority.counts == {"authorization_code": 1}


def test_the_service_is_asked_for_a_code_with_a_challenge_and_a_state_of_ours(browser, authority):
    url = browser.begin()
    assert url.startswith(f"{authority.url}/oauth/authorize?kept=1&")
    query = parse_qs(urlsplit(url).query)
    state, challenge = query.pop("state")[0], query.pop("code_challenge")[0]
    assert query == {
        "kept": ["1"],
        "response_type": ["code"],
        "client_id": [CLIENT.id],
        "redirect_uri": [f"{PUBLIC}/oauth/loopback/callback"],
        "scope": ["read write"],
        "code_challenge_method": ["S256"],
    }
    key = f"tallyman:oauth:{hashlib.sha256(state.encode()).hexdigest()}"
    kept = json.loads(found := redis().get(key) or "")
    hashed = hashlib.sha256(kept["verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(hashed).decode().rstrip("=") == challenge
    assert len(state) == 43
    assert 0 < redis().ttl(key) <= 600
    assert state not in f"{key} {found!r}"


def test_the_redirect_uri_is_ours_whatever_host_was_asked(oauth_app, authority):
    elsewhere = Browser(oauth_app, "http://attacker.example")
    url = elsewhere.begin(
        f"{link()}&redirect_uri=https://attacker.example/&next=//attacker.example"
    )
    assert parameter(url, "redirect_uri") == f"{PUBLIC}/oauth/loopback/callback"
    assert "attacker" not in url


def test_only_this_browser_knows_the_flow_and_forgets_it_at_the_end(browser):
    answer = browser.go_on()
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-tallyman-oauth-")
    parts = {part.strip() for part in cookie.split(";")[1:]}
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"} <= parts
    assert "Domain" not in cookie
    assert len(browser.cookies) == 1
    browser.come_back(answer.headers["Location"])
    assert browser.cookies == {}


def test_what_is_kept_of_a_flow_is_gone_as_soon_as_it_comes_back(browser):
    url = browser.begin()
    browser.get(changed(browser.consent(url), code=None))
    key = f"tallyman:oauth:{hashlib.sha256(parameter(url, 'state').encode()).hexdigest()}"
    assert redis().get(key) is None


def test_two_flows_of_one_browser_do_not_meet(browser, connections):
    first, second = browser.begin(link(account="one")), browser.begin(link(account="two"))
    for url in (second, first):
        assert reason(browser.come_back(url)) == "connected"
    assert [row[1] for row in connections()] == ["one", "two"]


def test_on_this_machine_it_works_without_encryption(oauth_app, authority, setting, connections):
    setting("OAUTH_PUBLIC_URL", "http://127.0.0.1:8000/")
    authority.redirect_uris = ["http://127.0.0.1:8000/oauth/loopback/callback"]
    browser = Browser(oauth_app, "http://127.0.0.1:8000")
    answer = browser.go_on()
    assert "Path=/oauth/" in answer.headers["Set-Cookie"]
    assert "Secure" not in answer.headers["Set-Cookie"]
    assert reason(browser.come_back(answer.headers["Location"])) == "connected"


def test_with_a_key_that_opens_nothing_of_what_is_kept_nobody_is_sent_on(
    browser, setting, connections, authority
):
    there = browser.begin(link(account="second"))
    browser.come_back()
    setting("ENCRYPTION_KEYS", Fernet.generate_key().decode())
    back = browser.consent(there)
    for url in (link(account="third"), back):
        answer = browser.get(url)
        assert (answer.status_code, reason(answer)) == (503, "not_configured")
    assert authority.counts["authorization_code"] == 1
    assert [row[1] for row in connections()] == ["acme"]


def test_what_is_kept_of_a_flow_outlives_it_by_a_word_only(browser, authority):
    url = browser.begin()
    key = f"tallyman:oauth:{hashlib.sha256(parameter(url, 'state').encode()).hexdigest()}"
    redis().delete(key)  # as when its time is over
    assert [redis().get(one) for one in redis().scan_iter(f"{key}*")] == [b"begun"]
    back = browser.consent(url)
    assert [reason(browser.get(back)) for _ in range(2)] == ["state_expired", "state_replayed"]


@pytest.mark.parametrize(
    ("service", "unset", "why"),
    [
        ("paypal", {}, (404, "unknown_service")),
        ("unset", {}, (503, "not_configured")),
        ("loopback", {"ENCRYPTION_KEYS": ""}, (503, "not_configured")),
        ("loopback", {"ENCRYPTION_KEYS": "no key"}, (503, "not_configured")),
        ("loopback", {"OAUTH_LINK_KEY": "short"}, (503, "not_configured")),
    ],
)
def test_nothing_begins_that_could_not_end(browser, setting, service, unset, why):
    for name, value in unset.items():
        setting(name, value)
    answer = browser.get(link(service))
    assert (answer.status_code, reason(answer)) == why


@pytest.mark.parametrize("module", ["tests.receiver.oauth.nowhere", "tests.receiver.oauth.browser"])
def test_providers_that_cannot_be_read_keep_no_webhook_out(oauth_app, setting, module, capfd):
    setting("OAUTH_PROVIDERS", module)
    providers.cache_clear()
    door = create_app().test_client()
    assert door.get(link()).status_code == 404
    assert door.get("/healthz").status_code == 200
    assert "oauth.no_providers" in capfd.readouterr().err


def test_a_door_that_connects_nothing_has_no_such_address(client):
    assert client.get(link()).json == {"error": "not_found"}


def test_a_service_that_hangs_holds_two_threads_and_no_other_service(browser, connections):
    url, other = (browser.consent(browser.begin(link(name))) for name in ("loopback", "other"))
    with oauth_rooms.room("loopback"), oauth_rooms.room("loopback"):
        answer = browser.get(url)
        assert (answer.status_code, reason(answer)) == (503, "busy")
        assert reason(browser.get(other)) == "connected"
    assert reason(browser.get(url)) == "connected"


def test_a_store_that_is_away_is_told(browser, elsewhere, no_postgres, connections):
    url = browser.consent(browser.begin())
    elsewhere(DATABASE_URL=no_postgres)
    answer = browser.get(url)
    assert (answer.status_code, reason(answer)) == (503, "unavailable")


def test_redis_being_away_is_told_at_both_ends(browser, other_redis, authority):
    url = browser.consent(browser.begin())
    other_redis.stop()
    for address in (link(), url):
        answer = browser.get(address)
        assert (answer.status_code, reason(answer)) == (503, "unavailable")


def test_what_is_known_of_a_flow_is_not_printed(authority):
    made = links.new("loopback", "acme", "ada", 0)
    begun = flow.begin(providers()["slack"], made, "https://here.example", 0)
    secrets = (begun.state, begun.browser, begun.pending.browser)
    assert not [secret for secret in secrets if secret in repr(begun)]
