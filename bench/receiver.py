"""The door against the bare Flask route: same server, same settings, same requests."""

import socket
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice

from bench.events import requests
from bench.figures import Figures, Size, medians, percentile_ms
from bench.load import Flood, Lines, flood, paced
from bench.stack import Running, gunicorn, started, until
from worker.inbox import redis, stream

OURS, BARE = "receiver.app:create_app()", "bench.bare_route:app"
CALM_RATE = 200  # requests a second, at which receiver.p99_ms is taken


@dataclass(frozen=True, slots=True)
class Server:
    """A gunicorn of the receiver's kind."""

    name: str
    port: int
    running: Running

    def flooded(self, prepared: list[bytes]) -> tuple[Flood, float]:
        """Return the flood, and the server's CPU seconds for one request."""
        redis().delete(stream("stripe"))
        before = self.running.usage(self.name).cpu_seconds
        done = flood(self.port, prepared)
        return done, (self.running.usage(self.name).cpu_seconds - before) / len(prepared)


def measure(size: Size) -> Figures:
    some = [request for _, request in requests(min(size.requests, 2000))]
    prepared = list(islice(cycle(some), size.requests))
    (ours, our_port), (bare, bare_port) = gunicorn(OURS), gunicorn(BARE)
    with started(ours, bare) as running:
        servers = Server(BARE, bare_port, running), Server(OURS, our_port, running)
        for server in servers:
            until(partial(listens, server.port))
            server.flooded(some[:200])
        loaded = [_round(*servers, prepared) for _ in range(size.rounds)]
        few = some[: int(CALM_RATE * size.calm_seconds)]
        return medians(loaded) | medians([_calm(our_port, few) for _ in range(size.rounds)])


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _round(bare: Server, ours: Server, prepared: list[bytes]) -> Figures:
    (bare_flood, bare_cpu), (our_flood, our_cpu) = bare.flooded(prepared), ours.flooded(prepared)
    assert redis().xlen(stream("stripe")) == len(prepared)
    return {
        "receiver.ratio": our_flood.rate / bare_flood.rate,
        "receiver.cpu_ratio": bare_cpu / our_cpu,
        "receiver.requests_per_s": our_flood.rate,
        "receiver.bare_requests_per_s": bare_flood.rate,
        "receiver.cpu_us": our_cpu * 1e6,
        "receiver.bare_cpu_us": bare_cpu * 1e6,
        "receiver.flood_p99_ms": percentile_ms(99, our_flood.took),
    }


def _calm(port: int, prepared: list[bytes]) -> Figures:
    """Return the p99 at a rate that the door carries easily."""
    with Lines(port) as lines:
        for _ in paced(lines, prepared, CALM_RATE, lambda: lines.answers(0.0005)):
            pass
        until(lambda: lines.answers(0.0005) and len(lines.took) == len(prepared), pause=0)
    return {"receiver.p99_ms": percentile_ms(99, lines.took)}
