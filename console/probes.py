"""What the machines ask of the console: does it live, and what does it take?"""

from wsgiref.simple_server import WSGIServer

from flask import Flask, Response

from settings import settings
from worker import telling


def add_to(app: Flask) -> None:
    """Add /healthz."""
    app.add_url_rule("/healthz", view_func=healthz)


def healthz() -> Response:
    """Answer that the process lives."""
    return Response('{"status":"ok"}\n', content_type="application/json")


def tell() -> WSGIServer | None:
    """Serve the figures of this process at a port of their own, where one is set.

    Not among the pages: through a proxy they would be everybody's, and Prometheus cannot sign in.
    """
    port = settings().telemetry.console_metrics_port
    return telling.serve(port) if port else None
