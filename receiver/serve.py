"""How gunicorn serves the receiver."""

import os
import resource
import shutil
import tempfile
from typing import Any

from settings import settings

_CONNECTIONS, _OTHER_FILES = 4000, 200  # of a process, beside a few for each of its threads


def _connections(threads: int) -> int:
    """Return how many there may be at once, after asking for as many files."""
    others = _OTHER_FILES + 2 * threads
    soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    files = _CONNECTIONS + others if most == unlimited else min(most, _CONNECTIONS + others)
    if soft != unlimited and soft < files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
    return max(1, files - others)


_shape = settings().receiver
bind = f"{_shape.host}:{_shape.port}"
workers = _shape.receiver_workers
worker_class = "receiver.patient.PatientWorker"
threads = _shape.receiver_threads
worker_connections = _connections(threads)
limit_request_fields = 64
limit_request_field_size = 4094
graceful_timeout = 15
keepalive = 30
forwarded_allow_ips = "127.0.0.1"
control_socket_disable = True  # in the home folder, shared by all gunicorns of the account
accesslog = None  # what was refused or failed is logged by us; the rest is counted
# prometheus-client reads this when it is first imported: its counts add up over the processes
_counts = tempfile.mkdtemp(prefix="tallyman-metrics-")
os.environ["PROMETHEUS_MULTIPROC_DIR"] = _counts  # noqa: TID251  the library offers no other way


def post_fork(_server: Any, worker: Any) -> None:
    """End with the main process, even when that is killed."""
    from local.child import die_with_parent  # noqa: PLC0415  not before the directory is set

    die_with_parent(parent=worker.ppid)


def child_exit(_server: Any, worker: Any) -> None:
    """Forget the gauges of a process that is gone; its counts stay."""
    from prometheus_client import multiprocess  # noqa: PLC0415  see post_fork

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # untyped library


def on_exit(_server: Any) -> None:
    """Leave nothing behind."""
    shutil.rmtree(_counts, ignore_errors=True)
