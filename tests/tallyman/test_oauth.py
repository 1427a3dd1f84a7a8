"""`tallyman oauth`: connections listed, ended, encrypted anew; and what doctor says of them."""

import json

import pytest
from cryptography.fernet import Fernet

from tests.oauth_loopback import connect


@pytest.fixture
def connected(authority):
    """Two accounts are connected; give what was given to the first."""
    from integrations.oauth.providers import providers

    loopback = providers()["loopback"]
    given = connect(loopback, "acme")
    connect(loopback, "other", by="bob")
    return given


@pytest.fixture
def doctor(run):
    """Return what doctor says of connections, as (level, what)."""

    def ask():
        found = json.loads(run("doctor", "--json").output)
        return [(f["level"], f["what"]) for f in found if "oauth" in f["what"] + f["mend"]]

    return ask


def test_it_lists_connections_without_their_tokens(run, connected, authority):
    listed = json.loads(run("oauth", "list", "--json").output)
    assert [(row["account"], row["connected_by"]) for row in listed] == [
        ("acme", "ada"),
        ("other", "bob"),
    ]
    assert not [name for name in listed[0] if name in {"access_token", "refresh_token", "key_id"}]
    printed = run("oauth", "list").output
    assert "acme" in printed
    assert connected.access_token not in printed
    assert connected.refresh_token not in printed


def test_it_revokes_there_and_here(run, connected, authority, sql):
    said = run("oauth", "revoke", "loopback", "acme")
    assert (said.exit_code, said.output.splitlines()[-1]) == (0, "loopback acme is revoked")
    assert authority.families[0].revoked
    assert run("oauth", "revoke", "loopback", "acme").exit_code == 1
    living = sql.execute("SELECT account FROM oauth_connections WHERE access_token IS NOT NULL")
    assert living.fetchall() == [("other",)]


def test_a_service_that_is_away_keeps_the_connection(run, connected, authority, sql):
    from simulator.stand_in import Fault

    authority.faults += [Fault(status=503)]
    said = run("oauth", "revoke", "loopback", "acme")
    assert said.exit_code == 1
    assert "Nothing was forgotten" in said.output
    assert sql.execute("SELECT count(access_token) FROM oauth_connections").fetchone() == (2,)


def test_it_encrypts_anew_and_doctor_says_when(run, connected, doctor, set_to):
    from settings import settings

    old = settings().oauth.encryption_keys[0].get_secret_value()
    new = run("oauth", "new-key").output.strip()
    set_to(ENCRYPTION_KEYS=f"{new},{old}")
    assert ("warn", "oauth: 2 connection(s) wait for the new key") in doctor()
    assert json.loads(run("oauth", "rotate-keys", "--json").stdout) == {
        "rotated": 2,
        "unreadable": [],
        "left": 0,
    }
    set_to(ENCRYPTION_KEYS=new)
    assert not [level for level, _ in doctor() if level == "fail"]


def test_one_that_no_key_opens_stops_no_other_and_is_named(run, connected, set_to, sql):
    from settings import settings

    old = settings().oauth.encryption_keys[0].get_secret_value()
    sql.execute("UPDATE oauth_connections SET access_token = 'cut' WHERE account = 'acme'")
    set_to(ENCRYPTION_KEYS=f"{Fernet.generate_key().decode()},{old}")
    rotated = run("oauth", "rotate-keys")
    assert rotated.exit_code == 1
    assert "1 connection(s) encrypted anew, 1 left" in rotated.output
    assert "none of ENCRYPTION_KEYS opens loopback acme. Next:" in rotated.output
    assert "may go" not in rotated.output


def test_the_old_key_may_go_only_once_all_processes_know_the_new_one(run, connected):
    assert "Once all were, run tallyman doctor" in run("oauth", "rotate-keys").output


def test_it_renews_what_was_given_up(run, connected, authority, sql):
    sql.execute("UPDATE oauth_connections SET status = 'exhausted' WHERE account = 'acme'")
    said = run("oauth", "retry", "loopback", "acme")
    assert (said.exit_code, said.output.splitlines()[-1]) == (0, "loopback acme is renewed")
    status = "SELECT status, token_version FROM oauth_connections WHERE account = 'acme'"
    assert sql.execute(status).fetchone() == ("active", 2)
    for account in ("nobody", "acme"):
        authority.families[0].revoke("by its owner")
        said = run("oauth", "retry", "loopback", account)
        assert (said.exit_code, "Next: tallyman oauth list" in said.output) == (1, True)


@pytest.mark.parametrize(
    "keys", ["", "nonsense", Fernet.generate_key().decode()], ids=["none", "nonsense", "another"]
)
def test_without_its_key_doctor_fails_and_nothing_is_rotated(run, connected, doctor, set_to, keys):
    set_to(ENCRYPTION_KEYS=keys)
    assert "fail" in [level for level, _ in doctor()]
    rotated = run("oauth", "rotate-keys")
    assert rotated.exit_code == 1
    assert "ENCRYPTION_KEYS" in rotated.output
    assert "nonsense" not in rotated.output


def test_doctor_tells_of_connections_that_are_to_be_made_anew(run, connected, doctor, sql):
    sql.execute("UPDATE oauth_connections SET status = 'exhausted' WHERE account = 'acme'")
    sql.execute("UPDATE oauth_connections SET status = 'expiring' WHERE account = 'other'")
    assert ("warn", "loopback: 1 connection(s) exhausted") in doctor()
    assert ("warn", "loopback: 1 connection(s) expiring") in doctor()


def test_doctor_says_nothing_is_set_up_where_nothing_is(doctor):
    assert doctor() == [("off", "oauth: no provider is set up")]


def test_stripe_is_to_send_what_ends_a_connection_once_accounts_are_connected(run, set_to):
    ends = "account.application.deauthorized"
    assert ends not in run("endpoints", "stripe").output
    set_to(STRIPE_CLIENT_ID="ca_1")
    assert ends in run("endpoints", "stripe").output
