"""Redrives in steps beside each other: two who look after one, and one that cannot be advanced."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests import handlers
from tests.worker.canary.dying import customers, invoices
from tests.worker.stories import retried
from worker import canary, causes, inbox, redrives


@pytest.fixture
def two(died):
    """Redrives of two causes, the older one first."""
    died(*customers(1, 2), *invoices(1))
    of = {cause.type: cause for cause in causes.causes()}
    return [redrives.start(of[name]) for name in ("customer.updated", "invoice.paid")]


def test_two_who_advance_it_at_once_send_each_letter_once(died, sql, counts):
    died(*invoices(14))
    id = redrives.start(causes.causes()[0], per_second=1)
    with ThreadPoolExecutor(2) as pool:
        for sent in (1, 10, 1):
            sql.execute("UPDATE redrives SET paced_at = now()")
            barrier = Barrier(2)

            def at_once(barrier=barrier):
                barrier.wait()
                return canary.advance()

            list(pool.map(lambda _, once=at_once: once(), range(2)))
            assert counts(id)["sent"] == sent
            retried()
    assert len({event.id for event in handlers.calls}) == len(handlers.calls) == 12


def test_while_somebody_has_it_the_others_are_looked_after(two, sql, counts):
    older, younger = two
    with sql.transaction():
        sql.execute("SELECT FROM redrives WHERE id = %s FOR UPDATE", [older])
        assert f"{older}=busy" in canary.advance()
    assert counts(older) == {}
    assert counts(younger) == {"sent": 1}


@pytest.fixture
def broken(two, sql):
    """The older one cannot be advanced: what its rate is breaks the arithmetic."""
    sql.execute("UPDATE redrives SET step = 3, per_second = 0 WHERE id = %s", [two[0]])
    return two


def test_one_that_cannot_be_advanced_halts_and_the_others_go_on(broken, counts):
    bad, good = broken
    told = [canary.advance() for _ in range(6)]
    assert [f"{bad}=failed" in one for one in told] == [True] * 4 + [False] * 2
    assert f"{bad}=halted" in told[4]
    assert counts(good) == {"sent": 1}
    halted = redrives.listed(id=bad)[0]
    assert (halted.status, halted.failures) == ("halted", 5)
    assert halted.reason == "it could not be advanced: ZeroDivisionError: float division by zero"
    assert halted.finished_at


def test_a_failure_now_and_then_does_not_halt_it(broken, sql):
    bad, _ = broken
    for _ in range(3):
        for _ in range(4):
            canary.advance()
        sql.execute("UPDATE redrives SET per_second = 1 WHERE id = %s", [bad])
        canary.advance()
        assert redrives.listed(id=bad)[0].failures == 0
        sql.execute("UPDATE redrives SET per_second = 0, status = 'running' WHERE id = %s", [bad])


def test_who_was_looked_after_last_comes_last(two, sql):
    older, younger = two
    assert canary.advance().startswith(f"{older}=")
    sql.execute("UPDATE redrives SET written_at = now() WHERE id = %s", [older])
    assert canary.advance().startswith(f"{younger}=")


def test_the_workers_have_redrives_advanced_without_a_beat(clean):
    from worker.tasks.upkeep import tick

    assert "canary" in tick().split()
    assert any(b"upkeep.canary" in bell for bell in inbox.redis().lrange("upkeep", 0, -1))
