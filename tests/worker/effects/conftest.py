"""A Loops of the tests' own, and effects that wait for it.

This file is read before the stores run, so it imports what reads the settings only when it is used.
"""

import pytest


@pytest.fixture
def loops(clean):
    """A Loops of the test's own."""
    from tests.worker.targets import Service
    from worker import inbox

    yield Service()
    inbox.redis().delete("tallyman:resting:loops.deliver")


@pytest.fixture
def tell(sql):
    """Have something to tell, so many times."""

    def insert(times=1):
        for n in range(times):
            sql.execute(
                "INSERT INTO effects (target, action, payload) VALUES ('loops', 'tell', %s)",
                [f'{{"n": {n}}}'],
            )

    return insert


@pytest.fixture
def show(sql):
    """Have it shown how a customer is."""

    def insert(entity="cus_1", connection=sql):
        connection.execute(
            "INSERT INTO effects (target, action, entity) VALUES ('loops', 'show', %s)", [entity]
        )

    return insert


@pytest.fixture
def customer(sql):
    """Name the customer `cus_1`."""

    def write(name, connection=sql):
        connection.execute(
            "INSERT INTO stripe_customers (account, id, name) VALUES ('', 'cus_1', %s)"
            " ON CONFLICT (account, id) DO UPDATE SET name = excluded.name",
            [name],
        )

    return write


@pytest.fixture
def kept(rows):
    """Return the effects by id."""
    return lambda: [row for _, row in sorted((row["id"], row) for row in rows("effects"))]
