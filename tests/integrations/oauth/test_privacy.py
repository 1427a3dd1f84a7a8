"""No token and no client's secret is told to a log, by an error, or kept in the open."""

import logging

import pytest

from integrations.oauth import revoke
from integrations.oauth.interface import NotConnected
from integrations.oauth.providers import providers
from integrations.oauth.tokens import token
from simulator.stand_in import Fault


@pytest.fixture
def everything(caplog, capfd):
    """Return all that was logged and printed, however fine."""
    caplog.set_level(logging.DEBUG)
    # the library tells more, and here it is on both sides: telemetry.py keeps it quiet
    caplog.set_level(logging.WARNING, "authlib")
    return lambda: caplog.text + "".join(capfd.readouterr())


@pytest.fixture
def rows(sql):
    """Return all that is kept."""
    return lambda: str(sql.execute("SELECT * FROM oauth_connections").fetchall())


def test_the_life_of_a_connection_tells_nothing(authority, connected, aged, everything, rows):
    secrets = [connected.access_token, connected.refresh_token, authority.client_secret]
    for fault in (None, Fault(status=200, body=b'{"ok":true}'), Fault(resets=True), Fault(404)):
        aged("56 minutes")
        authority.faults += [fault] if fault else []
        token("loopback", "acme")
        aged("2 hours")  # then nothing is lost by asking again
        secrets.append(token("loopback", "acme").value)
    secrets += [pair.refresh for pair in authority.families[0].pairs]
    kept = rows()
    authority.families[0].revoke("by its owner")
    aged("2 hours")
    with pytest.raises(NotConnected) as error:
        token("loopback", "acme")
    revoke.revoke(providers()["loopback"], "acme", anyway=True)
    told = everything() + repr(error.value) + kept
    assert len(told) > 1000
    assert [secret for secret in secrets if secret in told] == []
