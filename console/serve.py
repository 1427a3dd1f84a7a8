"""How gunicorn serves the console: one process, for it serves people."""

from typing import Any

from settings import settings

_shape = settings().console
bind = f"{_shape.console_address}:{_shape.console_port}"
workers = 1  # who fails to sign in is counted in it
worker_class = "gthread"
threads = 8
timeout = 60
graceful_timeout = 10
keepalive = 30
limit_request_fields = 64
forwarded_allow_ips = ""  # console/who.py says who is trusted, and with what
control_socket_disable = True  # as in receiver/serve.py
accesslog = None  # what was done is in the audit log


def post_fork(_server: Any, worker: Any) -> None:
    """End with the main process, even when that is killed."""
    from local.child import die_with_parent  # noqa: PLC0415  gunicorn reads this file first

    die_with_parent(parent=worker.ppid)


def post_worker_init(_worker: Any) -> None:
    """Tell the process' own figures, where they are wanted."""
    from console import probes  # noqa: PLC0415  see post_fork

    probes.tell()
