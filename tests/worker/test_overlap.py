"""Batches that hold the same events and objects in opposite orders wait for each other."""

from threading import Barrier, Thread

from tests.worker.stories import customer_event, drained, put
from worker import inbox


def drained_at_once():
    """Answer two doorbells at the same moment; return the counts of both."""
    start, counts = Barrier(2), []

    def answer():
        start.wait()
        counts.append(drained())

    workers = [Thread(target=answer) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return counts


def test_two_batches_with_the_same_events_in_opposite_orders_never_deadlock(clean):
    for turn in range(15):
        told = [customer_event(f"evt_{turn}_{n:02}", id=f"cus_{n:02}") for n in range(100)]
        put(*told, *told[::-1])
        counts = drained_at_once()

        assert sum(c.get("handled", 0) for c in counts) == 100
        assert sum(c.get("duplicate", 0) for c in counts) == 100
        assert not inbox.resting("stripe")


def test_two_batches_with_the_same_objects_in_opposite_orders_never_deadlock(clean):
    for turn in range(15):
        ids = [f"cus_{n:02}" for n in range(100)]
        put(*[customer_event(f"evt_{turn}_a_{id}", id=id) for id in ids])
        put(*[customer_event(f"evt_{turn}_b_{id}", id=id) for id in ids[::-1]])
        counts = drained_at_once()

        assert sum(c.get("handled", 0) for c in counts) == 200
        assert not inbox.resting("stripe")
