"""Slack by a connected account: its token, renewed where it is refused."""

import pytest

from tests.worker.alerts.conftest import reason, stands


@pytest.fixture
def account(slack, set_to):
    """The account `ops` is connected with a bot's token; no token is set."""
    from db.session import transaction
    from integrations.oauth import connections
    from integrations.oauth.answers import Grant
    from integrations.slack.oauth import PROVIDER

    set_to(SLACK_BOT_TOKEN="", SLACK_ACCOUNT="ops")
    given = Grant(access_token="xoxb-connected", refresh_token=None, expires_in=None)
    with transaction() as session:
        connections.store(session, PROVIDER, "ops", given, by="ada")


def test_the_account_s_token_is_used(account, clock, slack):
    clock.look(stands(reason()), seconds=180)
    assert [kind for kind, _ in slack.said] == ["posted"]
    assert set(slack.tokens) == {"Bearer xoxb-connected"}


def test_an_account_that_is_gone_is_said_and_told_later(account, clock, slack, incidents, sql):
    sql.execute("DELETE FROM oauth_connections")
    clock.look(stands(reason()), seconds=150)
    (told,) = incidents()[0].told
    assert not told.up_to_date
    assert "NotConnected" in told.error


def test_a_token_that_slack_refuses_is_renewed_or_else_said(account, clock, slack, incidents):
    slack.errors = ["token_expired"]
    clock.look(stands(reason()), seconds=150)
    (told,) = incidents()[0].told
    assert told.error
    assert len(slack.tokens) == 1  # there is nothing to renew it with
