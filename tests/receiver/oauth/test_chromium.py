"""Flows in a real browser, through a receiver that gunicorn serves, where there is a Chromium."""

import pytest

from tests.receiver.oauth.browser import KEY, link
from tests.receiver.oauth.chromium import CHROMIUM, Chromium

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium"),
]


@pytest.fixture
def authority():
    from simulator.oauth_dials import posthog
    from simulator.oauth_server import oauth_server

    dials = posthog()
    dials.client_auth = "client_secret_post"
    with oauth_server(dials) as running:
        yield running


@pytest.fixture
def door(clean, authority, tmp_path, monkeypatch, until):
    """Give a receiver that connects PostHog accounts at the loopback server."""
    from local import child
    from local.server import free_port
    from tests.receiver import served

    port = free_port()
    url = f"http://127.0.0.1:{port}"
    authority.redirect_uris = [f"{url}/oauth/posthog/callback"]
    given = {
        "OAUTH_PUBLIC_URL": url,
        "OAUTH_LINK_KEY": KEY,
        "POSTHOG_OAUTH_BASE": authority.url,
        "POSTHOG_OAUTH_CLIENT_ID": authority.client_id,
        "POSTHOG_OAUTH_CLIENT_SECRET": authority.client_secret,
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(served, "free_port", lambda: port)
    door = served.Served(tmp_path)
    until(door.answers)
    yield door
    child.end(door.process)


@pytest.fixture
def chromium(tmp_path):
    """Start browsers, each with its own cookies."""
    started: list[Chromium] = []

    def start():
        started.append(Chromium(tmp_path / f"profile{len(started)}"))
        return started[-1]

    yield start
    for browser in started:
        browser.end()


@pytest.fixture
def kept(sql):
    query = "SELECT account, status FROM oauth_connections"
    return lambda: sql.execute(query).fetchall()


def test_an_account_is_connected_in_chromium_once_and_in_the_browser_that_began(
    door, chromium, authority, kept
):
    ada, bob = chromium(), chromium()
    used = door.url + link("posthog")
    assert ada.open(used).press().reason() == "connected"
    assert ada.open(used).reason() == "link_used"
    assert kept() == [("acme", "active")]

    authority.dials.consent = "denies"
    other = door.url + link("posthog", account="other")
    assert ada.open(other).press().reason() == "denied"

    authority.dials.consent = "asks"
    ada.open(door.url + link("posthog", account="other")).press()
    there = ada.wait("location.pathname == '/oauth/authorize/' && location.href")
    authority.dials.consent = "allows"
    assert bob.open(there).reason() == "other_browser"
    assert bob.open(there).reason() == "state_replayed"
    assert kept() == [("acme", "active")]
    log = door.log.read_text()
    (pair,) = authority.families[0].pairs
    assert pair.access not in log
    assert pair.refresh not in log


def test_another_site_presses_no_button(door, chromium, authority, kept, tmp_path):
    """It posts the form of a link that was looked at in this browser, from a page of its own."""
    ada, url = chromium(), door.url + link("posthog")
    sure = ada.open(url).wait("document.querySelector('input')?.value")
    page = tmp_path / "evil.html"
    page.write_text(
        f'<form method="post" action="{url.replace("&", "&amp;")}"><input name="sure"'
        f' value="{sure}"></form><script>document.forms[0].submit()</script>'
    )
    assert ada.open(page.as_uri()).reason() == "not_confirmed"
    assert ada.open(url).press().reason() == "connected"
    assert kept() == [("acme", "active")]
