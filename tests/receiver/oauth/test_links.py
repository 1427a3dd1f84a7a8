"""Links that begin flows: signed, for one account, and good once."""

from typing import Any

from tests.receiver.oauth.browser import KEY, Browser, changed, link, reason
from worker.inbox import redis


def test_a_link_that_is_not_ours_begins_nothing(browser):
    tried: list[tuple[dict[str, Any], dict[str, Any], int, str]] = [
        ({"key": "x" * 32}, {}, 403, "link_forged"),
        ({}, {"account": "mallory"}, 403, "link_forged"),
        ({}, {"by": "mallory"}, 403, "link_forged"),
        ({}, {"id": "another"}, 403, "link_forged"),
        ({}, {"signature": "0" * 64}, 403, "link_forged"),
        ({}, {"signature": "é"}, 403, "link_forged"),
        ({}, {"until": "99999999999"}, 403, "link_forged"),
        ({}, {"until": "1e9"}, 400, "link_malformed"),
        ({}, {"signature": None}, 400, "link_malformed"),
        ({}, {"signature": ""}, 400, "link_malformed"),
        ({}, {"account": "a\nb"}, 400, "link_malformed"),
        ({"minutes": -1}, {}, 410, "link_expired"),
        ({"minutes": 20}, {}, 403, "link_too_long"),
    ]
    for made, told, status, why in tried:
        answer = browser.get(changed(link(**made), **told))
        assert (answer.status_code, reason(answer)) == (status, why), (made, told)
        assert "Set-Cookie" not in answer.headers
        assert reason(browser.post(changed(link(**made), **told))) == why
    assert list(redis().scan_iter("tallyman:oauth:*")) == []


def test_a_link_says_who_and_nobody_else(browser):
    for name in ("account", "by", "id", "until", "signature"):
        assert reason(browser.get(f"{link()}&{name}=mallory")) == "link_malformed"


def test_a_link_of_one_service_begins_nothing_at_another(browser):
    assert reason(browser.get(link().replace("/loopback/", "/other/"))) == "link_forged"


def test_a_link_is_good_once_in_any_browser(browser, oauth_app):
    url = link()
    browser.begin(url)
    for one in (browser, Browser(oauth_app)):
        answer = one.get(url)
        assert (answer.status_code, reason(answer)) == (410, "link_used")


def test_two_who_look_at_a_link_do_not_both_go_on(browser, oauth_app):
    url, other = link(), Browser(oauth_app)
    sure = other.sure(url)
    browser.begin(url)
    assert reason(other.post(url, sure=sure)) == "link_used"


def test_who_only_looks_at_a_link_does_not_spend_it(browser, oauth_app):
    url = link()
    for _ in range(3):
        assert oauth_app.test_client().head(url).status_code == 200
        assert Browser(oauth_app).get(url).status_code == 200
    assert list(redis().scan_iter("tallyman:oauth:*")) == []
    first = browser.sure(url)
    browser.get(url)  # in another tab
    assert browser.post(url, sure=first).status_code == 303


def test_the_key_is_not_on_the_way(browser):
    assert KEY not in browser.begin() + link()


def test_a_link_may_say_how_the_account_is_called_on_the_page(browser, connections):
    url = link(account="team_1", label="Analytical Engines")
    shown = browser.get(url).text
    assert "<bdi>Analytical Engines</bdi>" in shown
    assert "team_1" not in shown
    for told in (
        changed(url, label="Mallory & Co"),
        changed(url, label=None),
        changed(link(account="team_1"), label="Mallory & Co"),
    ):
        assert reason(browser.get(told)) == "link_forged"
    assert reason(browser.get(f"{url}&label=twice")) == "link_malformed"
    browser.come_back(browser.begin(url))
    assert connections()[0][1] == "team_1"
