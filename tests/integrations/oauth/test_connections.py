"""Whose row a connection may take the place of."""

from dataclasses import replace

import pytest

from db.session import transaction
from integrations.oauth import connections


@pytest.fixture
def taken(loopback, connected, sql):
    """Connect again, to another account of the service; give whether that took the place."""

    def take(there, came):
        sql.execute("UPDATE oauth_connections SET external_id = %s", [there])
        with transaction() as session:
            given = replace(connected, external_id=came)
            return connections.store(session, loopback, "acme", given, by="ada")

    return take


@pytest.mark.parametrize(
    ("there", "came", "left"),
    [
        ("acct_1", "acct_1", "acct_1"),
        ("acct_1", "acct_2", None),
        ("acct_1", "", None),
        ("", "acct_1", "acct_1"),
        ("", "", ""),
    ],
)
def test_one_to_a_known_account_gives_way_to_that_account_alone(taken, kept, there, came, left):
    assert taken(there, came) == (left is not None)
    assert kept()["external_id"] == (there if left is None else left)
