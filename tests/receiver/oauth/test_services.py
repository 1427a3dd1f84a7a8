"""Each service's own data, through the door, at a server that behaves as the service does."""

import pytest

from simulator import oauth_dials
from tests.receiver.oauth.browser import PUBLIC, link, parameter, reason

CLIENT, SECRET = "client_loopback", "loopback-secret"
SERVICES = {
    "stripe": (
        oauth_dials.stripe_connect(),
        {"STRIPE_CLIENT_ID": CLIENT, "STRIPE_API_KEY": SECRET},
        "STRIPE_CONNECT_BASE",
    ),
    "posthog": (
        oauth_dials.posthog(),
        {"POSTHOG_OAUTH_CLIENT_ID": CLIENT},
        "POSTHOG_OAUTH_BASE",
    ),
    "slack": (
        oauth_dials.slack(rotates=True),
        {"SLACK_CLIENT_ID": CLIENT, "SLACK_CLIENT_SECRET": SECRET},
        "SLACK_BASE",
    ),
}


@pytest.mark.parametrize("service", SERVICES)
def test_an_account_is_connected_at_the_service(browser, authority, setting, connections, service):
    authority.dials, given, base = SERVICES[service]
    authority.redirect_uris = [f"{PUBLIC}/oauth/{service}/callback"]
    for name, value in (given | {base: authority.url}).items():
        setting(name, value)
    there = browser.begin(link(service))
    assert parameter(there, "redirect_uri") in authority.redirect_uris
    assert ("code_challenge" in there) == (service == "posthog")
    assert reason(browser.come_back(there)) == "connected"
    account = "" if service == "posthog" else authority.user
    assert connections() == [(service, "acme", account, "ada")]
