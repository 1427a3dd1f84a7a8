"""Whose place a connection takes that is made again."""

from integrations.oauth.providers import providers
from integrations.oauth.revoke import revoke
from tests.receiver.oauth.browser import link, reason


def test_another_account_of_the_service_takes_no_ones_place(browser, authority, connections):
    authority.gives = {"account": "acct_owner"}
    browser.come_back(browser.begin(link("told")))
    authority.gives = {"account": "acct_other"}
    answer = browser.come_back(browser.begin(link("told", by="bea")))
    assert (answer.status_code, reason(answer)) == (409, "other_account")
    assert connections() == [("told", "acme", "acct_owner", "ada")]
    assert [family.revoked for family in authority.families] == [False, True]


def test_what_another_connection_uses_is_not_given_back(browser, authority, connections):
    for account, owner in (("one", "acct_1"), ("two", "acct_2"), ("one", "acct_2")):
        authority.gives = {"account": owner}
        browser.come_back(browser.begin(link("told", account=account)))
    assert [row[1:3] for row in connections()] == [("one", "acct_1"), ("two", "acct_2")]
    assert not any(family.revoked for family in authority.families)


def test_once_it_is_revoked_another_account_may_take_its_place(browser, authority, connections):
    authority.gives = {"account": "acct_owner"}
    browser.come_back(browser.begin(link("told")))
    assert revoke(providers()["told"], "acme")
    authority.gives = {"account": "acct_other"}
    assert reason(browser.come_back(browser.begin(link("told")))) == "connected"
    assert connections() == [("told", "acme", "acct_other", "ada")]


def test_a_connection_that_is_made_again_takes_the_place_of_the_first(browser, connections, sql):
    browser.come_back()
    browser.come_back(browser.begin(link(by="bea")))
    assert connections() == [("loopback", "acme", "", "bea")]
    assert sql.execute("SELECT token_version FROM oauth_connections").fetchone() == (2,)


def test_what_could_only_be_ended_for_the_whole_account_is_not_given_back(
    browser, authority, connections
):
    answers = []
    for owner in ("acct_owner", "acct_other"):
        authority.gives = {"account": owner}
        answers.append(reason(browser.come_back(browser.begin(link("whole")))))
    assert answers == ["connected", "other_account"]
    assert connections() == [("whole", "acme", "acct_owner", "ada")]
