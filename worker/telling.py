"""What a worker's process tells of itself, at a port of its own: memory, time, files, slots.

What workers count together is in Redis and told by the receiver. Here is what only the process
knows. In a pool of processes it is the main one's; of its children their number and memory.
"""

import resource
from collections.abc import Iterator
from pathlib import Path
from wsgiref.simple_server import WSGIServer

from billiard import active_children
from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from settings import settings
from telemetry import describe, log
from worker import slots

_log = log(__name__)
_PAGE = resource.getpagesize()


def start(*, threads: bool) -> WSGIServer | None:
    """Serve the figures where they are wanted: a pool of threads at the port after the other's.

    Return the server, None where there is none.
    """
    port = settings().telemetry.worker_metrics_port
    return serve(port + threads, Pool()) if port else None


def serve(port: int, *more: Collector) -> WSGIServer | None:
    """Serve what this process takes, and more, at that port; return None if it cannot be had."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    for collector in more:
        registry.register(collector)
    try:
        server, _ = start_http_server(port, settings().telemetry.worker_metrics_address, registry)
    except OSError as error:  # figures are worth no worker that does not start
        _log.error("metrics.unserved", port=port, error=describe(error))
        return None
    return server


class Pool(Collector):
    """Looks at the pool when asked."""

    def collect(self) -> Iterator[Metric]:
        """Yield the figures."""
        memory = [_memory(child.pid or 0) for child in active_children()]
        yield GaugeMetricFamily(
            "tallyman_pool_processes", "Processes of this worker's pool", len(memory)
        )
        yield GaugeMetricFamily(
            "tallyman_pool_resident_memory_bytes", "Their memory, added up", sum(memory)
        )
        held = GaugeMetricFamily(
            "tallyman_slots_held", "Threads that a service holds in this worker", labels=["service"]
        )
        for service, number in slots.held().items():
            held.add_metric([service], number)
        yield held


def _memory(pid: int) -> int:
    """Return the bytes that a process has in memory; 0 of one that has ended, or is not Linux'."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0
