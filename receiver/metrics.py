"""/metrics: what this host's receiver counted, and what all processes left in the stores."""

from flask import Flask, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from integrations.outbound.figures import Figures
from receiver.figures import Standing, Worked


def add_to(app: Flask) -> None:
    """Add /metrics."""
    app.add_url_rule("/metrics", view_func=metrics)


def metrics() -> Response:
    """Answer with the whole page."""
    registry = CollectorRegistry()
    try:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # untyped library
    except ValueError:  # served without receiver/serve.py: this process counts for itself
        registry.register(REGISTRY)
    for collector in (Standing(), Worked(), Figures()):
        registry.register(collector)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
