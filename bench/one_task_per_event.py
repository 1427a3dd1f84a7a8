"""The peer of the drain: one Celery task and one transaction for each event.

Reading, SQL and connection pool are the same. Late acknowledgement, which costs less than early, a
prefetch of 4, no results, no task events, no log line for each task, and no session around the SQL.
"""

from datetime import UTC, datetime
from typing import cast

from celery import Celery
from sqlalchemy.orm import Session

from db.session import engine
from integrations.interface import Delivery
from integrations.stripe import STRIPE
from settings import settings
from worker import ledger
from worker.pipeline import carry_out, understand
from worker.retry import policy

QUEUE = "events"
BROKER = settings().stores.redis_url.removesuffix("/0") + "/1"

app = Celery("one_task_per_event", broker=BROKER)
app.conf.update(
    task_acks_late=True,
    task_default_queue=QUEUE,
    task_ignore_result=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=4,
)
POLICY = policy()


@app.task(name="apply")
def apply(body: str) -> None:
    delivery = Delivery("stripe", "", body.encode(), {}, datetime.now(UTC))
    work = understand(STRIPE, POLICY, delivery)
    with engine().begin() as connection:  # cheaper than a session, and all that is needed here
        session = cast("Session", connection)
        if ledger.claim(session, [work.record]):
            carry_out(session, [work])
