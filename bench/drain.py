"""The drain against one Celery task and one transaction for each event: backlogs worked off."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

from redis import Redis
from sqlalchemy import text

from bench import one_task_per_event as peer
from bench.events import bodies
from bench.figures import Figures, Size, medians
from bench.stack import WORKER, Running, celery, started, until
from db.base import Base
from db.session import engine
from integrations.interface import Delivery
from settings import settings
from worker import bell, inbox
from worker.celery import app
from worker.ledger import TABLE

PEER = celery("bench.one_task_per_event", "-l", "WARNING", "--without-heartbeat")


def measure(size: Size) -> Figures:
    with started(WORKER, PEER) as running:
        until(lambda: ready(app) and ready(peer.app))
        _round(Size(1, 0, 0, events=min(size.events, 2000), tasks=100, latency_seconds=0), running)
        found = medians([_round(size, running) for _ in range(size.rounds)])
        return found | {"worker.rss_mib": running.usage(WORKER.name).rss_mib}


def ready(worker: Any) -> bool:
    """Return whether a worker of the app answers."""
    return bool(worker.control.inspect(timeout=0.3, limit=1).ping())


def _round(size: Size, running: Running) -> Figures:
    peer_rate, peer_cpu = _measured(running, PEER.name, size.tasks, _one_task_each)
    our_rate, our_cpu = _measured(running, WORKER.name, size.events, _drained)
    return {
        "drain.ratio": our_rate / peer_rate,
        "drain.events_per_s": our_rate,
        "drain.peer_events_per_s": peer_rate,
        "drain.cpu_us": our_cpu,
        "drain.peer_cpu_us": peer_cpu,
    }


def _measured(
    running: Running, name: str, events: int, work_off: Callable[[int], float]
) -> tuple[float, float]:
    """Return the events/s to committed rows, and the worker's CPU us for one event."""
    tables = ", ".join(table.fullname for table in Base.metadata.sorted_tables)
    with engine().begin() as connection:
        connection.execute(text(f"TRUNCATE {tables}"))
    before = running.usage(name).cpu_seconds
    seconds = work_off(events)
    assert _handled() == events
    return events / seconds, (running.usage(name).cpu_seconds - before) / events * 1e6


def _handled() -> int:
    with engine().connect() as connection:
        query = text(f"SELECT count(*) FROM {TABLE} WHERE status = 'handled'")
        return int(connection.execute(query).scalar_one())


def _drained(events: int) -> float:
    """Fill the stream while the service rests, then ring; return the seconds until it is empty."""
    inbox.pause("stripe")
    with inbox.redis().pipeline(transaction=False) as pipe:
        for _, body in bodies(events):
            delivery = Delivery("stripe", "", body, {}, datetime.now(UTC))
            pipe.xadd(inbox.stream("stripe"), cast("Any", inbox.fields(delivery)))
        pipe.execute()
    inbox.resume("stripe")
    start = time.perf_counter()
    for _ in range(settings().inbox.doorbells):
        bell.ring("stripe.drain")
    until(lambda: not inbox.redis().xlen(inbox.stream("stripe")))
    return time.perf_counter() - start


def _one_task_each(events: int) -> float:
    """Send the tasks to a queue nobody reads, then hand it over; return the seconds until done."""
    for _, body in bodies(events):
        peer.app.send_task(peer.apply.name, (body.decode(),), queue="held", argsrepr="")
    with Redis.from_url(peer.BROKER) as broker:
        start = time.perf_counter()
        broker.rename("held", peer.QUEUE)
        until(lambda: not broker.llen(peer.QUEUE))
    until(lambda: _handled() == events)
    return time.perf_counter() - start
