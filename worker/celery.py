"""The Celery app: queues, limits, and what its processes do when they start."""

import gc
import logging
from typing import Any

from celery import Celery
from celery.signals import (
    setup_logging,
    worker_init,
    worker_process_init,
    worker_process_shutdown,
    worker_ready,
)
from kombu import Exchange, Queue

import telemetry
from integrations import INTEGRATIONS
from integrations.targets import TARGETS
from local.child import die_with_parent
from settings import settings
from worker import checks, pulse, signs, slots, telling
from worker.handlers import BadHandlersError, handlers
from worker.reactions import table
from worker.schedule import BEAT_SCHEDULE

_limits = settings().inbox
# a line for every doorbell would hide all others; drains say what they did
_CHATTY = ("celery.worker.strategy", "celery.app.trace", "celery.beat")

_OWNERS = list(dict.fromkeys([*INTEGRATIONS, *TARGETS]))
_QUEUES = [*INTEGRATIONS, *(f"{owner}.work" for owner in [*_OWNERS, "oauth", "alerts"]), "upkeep"]

app = Celery("tallyman", broker=settings().stores.redis_url)
app.conf.update(
    imports=[f"worker.tasks.{name}" for name in ("upkeep", "oauth", "alerts", *_OWNERS)],
    task_queues=[Queue(name, Exchange(name), routing_key=name) for name in _QUEUES],
    task_default_queue="upkeep",
    task_ignore_result=True,
    # a doorbell carries nothing that could be lost: no late acknowledgement, no Celery retries
    task_acks_late=False,
    task_soft_time_limit=_limits.soft_limit_seconds,
    task_time_limit=_limits.hard_limit_seconds,
    worker_prefetch_multiplier=1,
    worker_max_tasks_per_child=1000,
    worker_soft_shutdown_timeout=_limits.time_slice_seconds + 2,
    worker_enable_soft_shutdown_on_idle=False,
    worker_hijack_root_logger=False,
    worker_send_task_events=True,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    # one that loses its broker ends, and is started again: of those that reconnect some hang
    broker_connection_retry=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        "visibility_timeout": _limits.visibility_timeout_seconds,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 2,
        "socket_timeout": 10,  # above the second that a BRPOP waits
        "socket_keepalive": True,
        "health_check_interval": 15,
    },
    beat_schedule=BEAT_SCHEDULE,
    beat_scheduler="celery.beat:Scheduler",  # keeps no file: what is due is decided elsewhere
    beat_max_loop_interval=5,
)


@setup_logging.connect
def _configure_logs(**_: Any) -> None:
    telemetry.configure()
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


@worker_init.connect
def _prepare(sender: Any, **_: Any) -> None:
    checks.at_start()
    _load_handlers()
    slots.share(sender.concurrency or 1, [*_OWNERS, "oauth"])


def _load_handlers() -> None:
    try:
        handlers()
        table()
    except BadHandlersError as error:
        raise SystemExit(f"error: {error}") from None


@worker_ready.connect
def _start_pulse(sender: Any, **_: Any) -> None:
    pulse.start(sender.hostname, stuck=slots.stuck, sign=signs.made(sender))
    telling.start(threads=signs.threads(sender))


@worker_process_init.connect
def _start_child(**_: Any) -> None:
    die_with_parent()
    # a batch makes thousands of short-lived objects: what was there before is not looked at again
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@worker_process_shutdown.connect
def _end_child(**_: Any) -> None:
    telemetry.flush()
