"""The command, run in this process against the stores of the tests."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

Run = Callable[..., Result]


@pytest.fixture
def run(clean: None) -> Run:
    """Run `tallyman` with these arguments."""
    from tallyman.cli import tallyman

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(tallyman, arguments)

    return invoke


@pytest.fixture
def ledger(sql) -> Callable[..., None]:
    """Enter events of Stripe's with these ids and this status."""

    def enter(status: str, *ids: str, type: str = "customer.updated", ago: str = "0") -> None:
        for id in ids:
            sql.execute(
                "INSERT INTO events (service, event_id, endpoint, account, type, status, attempts,"
                " received_at, settled_at, error, body, headers) VALUES ('stripe', %s, '', '', %s,"
                " %s, 3, now() - %s::interval, now(), 'Transient: busy', '{}', '{}')",
                (id, type, status, ago),
            )

    return enter
