"""The plain pipeline's worker: one Celery task and one transaction for each event.

It is made with care: acknowledged late, requeued when its process is lost or takes too long,
redelivered after the same visibility timeout as ours, tried again for as long as the database is
away. Reading, claim, rows and handlers are ours, so that what differs is the way through Redis.
"""

from datetime import UTC, datetime
from typing import Any

from celery import Celery, Task

from db.session import transaction
from integrations.interface import Delivery
from integrations.stripe import STRIPE
from settings import settings
from worker import ledger
from worker.faults import ours
from worker.pipeline import carry_out, judge, understand
from worker.retry import policy

QUEUE = "events"
BROKER = settings().stores.redis_url.removesuffix("/0") + "/1"
_limits = settings().inbox

app = Celery("plain", broker=BROKER)
app.conf.update(
    task_acks_late=True,
    task_acks_on_timeout=False,
    task_reject_on_worker_lost=True,
    task_default_queue=QUEUE,
    task_ignore_result=True,
    task_soft_time_limit=_limits.soft_limit_seconds,
    task_time_limit=_limits.hard_limit_seconds,
    worker_prefetch_multiplier=1,
    worker_max_tasks_per_child=1000,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        "visibility_timeout": _limits.visibility_timeout_seconds,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 2,
        "socket_timeout": 10,
        "socket_keepalive": True,
        "health_check_interval": 15,
    },
)
POLICY = policy()


@app.task(name="apply", bind=True, max_retries=None)
def apply(self: Task[..., Any], body: str, attempt: int = 1) -> None:
    """Apply an event; come again later where that failed."""
    try:
        wait = _tried(body, attempt)
    except Exception as error:  # the database is away, or the time was up: that is no attempt
        raise self.retry(countdown=_limits.rest_seconds) from error
    if wait is not None:
        raise self.retry(args=(body, attempt + 1), countdown=wait)


def _tried(body: str, attempt: int) -> float | None:
    """Return when to try again, None where it is settled. Raises what is `ours`."""
    delivery = Delivery("stripe", "", body.encode(), {}, datetime.now(UTC))
    work = understand(STRIPE, POLICY, delivery, attempt)
    try:
        with transaction() as session:
            if ledger.claim(session, [work.record]):
                carry_out(session, [work])
    except Exception as error:
        if ours(error):
            raise
        judged = judge(work.record, error, POLICY)
        if judged.status == "retrying":
            return judged.retry_in
        ledger.keep(judged)
    return None
