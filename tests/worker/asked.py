"""Effects that a handler or a reaction of the tests asks for, of a Loops of the tests' own."""

import pytest

from integrations import reactions as table
from integrations.effects import Effect, Reaction
from integrations.targets import TARGETS
from tests.worker.targets import Service
from worker import reactions

TELL = Effect(target="loops", action="tell", payload={"event": "paid"})
SHOW = Effect(target="loops", action="show", entity="cus_1")
NOW = "SELECT extract(epoch FROM now())::int"


@pytest.fixture
def loops(sql, monkeypatch):
    """A Loops of the test's own."""
    service = Service()
    monkeypatch.setitem(TARGETS, "loops", service.target())
    return service


@pytest.fixture
def now(sql):
    """The database's time in Unix seconds."""
    return sql.execute(NOW).fetchone()[0]


@pytest.fixture
def reacting(monkeypatch):
    """Have a reaction to paid invoices yield effects."""

    def react(*effects):
        told = Reaction(service="stripe", types=("invoice.paid",), effects=lambda _: effects)
        monkeypatch.setattr(table, "REACTIONS", [told])
        reactions.table.cache_clear()

    yield react
    monkeypatch.undo()
    reactions.table.cache_clear()


def added(sql):
    query = "SELECT target, action, entity, payload, status FROM effects ORDER BY id"
    return sql.execute(query).fetchall()
