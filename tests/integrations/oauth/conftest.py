"""An account that is connected at a provider on loopback, and its row."""

import pytest
from psycopg.rows import dict_row

TIMES = [
    *("granted_at", "expires_at", "refresh_at", "attempt_at", "interrupted_at"),
    *("last_refresh_at", "last_failure_at", "refused_at", "failing_since", "retry_at"),
    *("connected_at", "last_used_at"),
]


@pytest.fixture
def loopback(authority):
    """The provider."""
    from integrations.oauth.providers import providers

    return providers()["loopback"]


@pytest.fixture
def connected(loopback):
    """Connect the account `acme`; give what was given."""
    from tests.oauth_loopback import connect

    return connect(loopback)


@pytest.fixture
def kept(sql):
    """Return the row of an account."""

    def read(account="acme", service="loopback"):
        with sql.cursor(row_factory=dict_row) as cursor:
            query = "SELECT * FROM oauth_connections WHERE service = %s AND account = %s"
            return cursor.execute(query, [service, account]).fetchone()

    return read


@pytest.fixture
def aged(sql):
    """Let so much time pass for the rows, as if everything had happened so long before."""

    def age(interval):
        changes = ", ".join(f"{name} = {name} - interval '{interval}'" for name in TIMES)
        sql.execute(f"UPDATE oauth_connections SET {changes}")

    return age
