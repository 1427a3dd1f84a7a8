"""Any order, any repetitions, any batches of the same deliveries end in the same rows."""

import random
from threading import Thread

import pytest

from db.reading import mirrors
from tests.worker import shuffles
from tests.worker.shuffles import in_order, orders, shuffled
from tests.worker.stories import drained, put
from tests.worker.told import TOLD, members, users


@pytest.fixture
def empty(sql):
    def run():
        sql.execute(f"TRUNCATE events, {', '.join(table.name for table in mirrors())}")

    return run


def copies(tell):
    """Return a copy of the story for each order in which it is told."""
    return [tell(f"{n:03}") for n in range(len(orders(len(tell("")), seed=0)))]


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("story", TOLD)
def test_every_order_ends_in_the_rows_of_the_natural_one(story, seed, empty, mirrored):
    told = copies(TOLD[story])
    service = told[0][0].service
    shuffles.apply(in_order(told), service)
    natural = mirrored()
    empty()

    shuffles.apply(shuffled(told, seed), service)
    for table, expected in natural.items():
        assert mirrored()[table] == expected


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_workers_end_in_the_same_rows_without_a_deadlock(seed, empty, mirrored, ledger):
    tellers = [tell for tell in TOLD.values() if tell not in {users, members}]
    told = [tell(f"{n:03}_{tell.__name__}") for n in range(30) for tell in tellers]
    shuffles.apply(in_order(told), "stripe")
    natural = mirrored()
    empty()

    _drained_by_two([d for story in told for d in story], seed)
    assert mirrored() == natural
    assert {kept["status"] for kept in ledger().values()} == {"handled"}
    assert {kept["attempts"] for kept in ledger().values()} == {1}


def _drained_by_two(deliveries, seed):
    dice = random.Random(seed)
    stream = deliveries + dice.sample(deliveries, k=len(deliveries) // 3)
    dice.shuffle(stream)
    put(*stream)
    counts = []
    workers = [Thread(target=lambda: counts.append(drained())) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(c.get("handled", 0) for c in counts) == len(deliveries)
