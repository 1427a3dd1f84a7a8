"""What docs/oauth.md shows a team to write, taken from there and run."""

import re
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses

import tallyman
from integrations.oauth import links
from settings import ROOT
from tests.oauth_loopback import connect


def _sample(number):
    page = (ROOT / "docs" / "oauth.md").read_text()
    return re.findall(r"```python\n(.*?)```", page, re.DOTALL)[number]


@pytest.fixture
def api(authority):
    """PostHog's API, which takes the second token, and the authority behind it."""
    with responses.RequestsMock() as api:
        api.add_passthru(authority.url)
        yield api


def test_a_token_that_the_service_refuses_is_renewed_and_the_call_made_again(authority, api, sql):
    from integrations.oauth.providers import providers

    connect(providers()["loopback"], "team_1")
    sql.execute("UPDATE oauth_connections SET granted_at = now() - interval '1 minute'")
    (first,) = authority.families[0].pairs
    url = "https://us.posthog.com/api/projects/"
    old = responses.matchers.header_matcher({"Authorization": f"Bearer {first.access}"})
    api.get(url, status=401, match=[old])
    api.get(url, json=["one"])
    names: dict[str, Any] = {}
    exec(_sample(0).replace('"posthog"', '"loopback"'), names)  # noqa: S102  our own page
    assert names["found"] == ["one"]
    assert authority.counts["refresh_token"] == 1


def test_a_provider_of_the_team_s_own_is_written_as_shown():
    names: dict[str, Any] = {}
    exec(_sample(-1), names)  # noqa: S102  our own page
    (acme,) = names["PROVIDERS"]
    assert (acme.name, acme.on()) == ("acme", True)


def test_a_backend_s_link_is_one_that_the_receiver_takes():
    names: dict[str, Any] = {"OAUTH_LINK_KEY": "k" * 32}
    exec(_sample(1), names)  # noqa: S102  our own page
    url = urlsplit(names["link"]("slack", "team_1", "Analytical Engines", "ada"))
    assert url.path == "/oauth/slack/start"
    link = links.opened("slack", parse_qs(url.query), "k" * 32, time.time())
    assert (link.account, link.label, link.by) == ("team_1", "Analytical Engines", "ada")


def test_all_that_a_team_imports_is_there():
    assert {name for name in tallyman.__all__ if getattr(tallyman, name).__name__ != name} == set()
