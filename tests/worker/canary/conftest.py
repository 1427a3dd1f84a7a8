"""Dead letters of one cause, and the redrive that takes them in steps.

This file is read before the stores run, so it imports what reads the settings only when it is used.
"""

import pytest


@pytest.fixture
def died(set_to):
    """Have deliveries die of the same defect, which is mended then."""
    from tests import handlers
    from tests.worker.canary.dying import refuse
    from tests.worker.stories import drained, put

    set_to(CANARY_PATIENCE_SECONDS=0)

    def die(*deliveries):
        handlers.behaviour |= {"invoice.paid": refuse, "customer.updated": refuse}
        put(*deliveries)
        drained()
        handlers.behaviour.clear()
        handlers.calls.clear()

    return die


@pytest.fixture
def many(died):
    """Thirty dead invoices, and the cause of all of them."""
    from tests.worker.canary.dying import invoices
    from worker import causes

    died(*invoices(30))
    (cause,) = causes.causes()
    return cause


@pytest.fixture
def advance(sql):
    """Advance the redrive as if that many seconds had gone by since it was last; return its row."""
    from worker import canary, redrives

    def on(id, seconds=0):
        ago = f"now() - interval '{seconds} s'"
        sql.execute(f"UPDATE redrives SET paced_at = {ago} WHERE id = %s", [id])
        canary.advance()
        return redrives.listed(id=id)[0]

    return on


@pytest.fixture
def counts():
    """Return a redrive's counts that are not 0."""
    from worker import redrives

    def count(redrive):
        return {k: n for k, n in redrives.listed(id=redrive)[0].counts.items() if n}

    return count
