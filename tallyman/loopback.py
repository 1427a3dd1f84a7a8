"""The services that the demo calls, simulated on loopback; for R2 a moto, where there is one."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import requests

from local import moto
from simulator.loops_api import LoopsAPI
from simulator.posthog_api import PostHogAPI
from simulator.stand_in import Fault
from simulator.world import World, world

BUCKET = "demo"


@dataclass(frozen=True, slots=True)
class Loopback:
    """The services that run. `r2` is the bucket's URL, '' without moto."""

    services: World
    loops: LoopsAPI
    posthog: PostHogAPI
    r2: str

    @property
    def settings(self) -> dict[str, str]:
        """Return the settings by which a system calls them."""
        told = {name: value for name, value in self.services.settings.items() if name in _CALLED}
        return told | (_archive(self.r2) if self.r2 else {})


_CALLED = {
    "STRIPE_API_KEY",
    "STRIPE_API_BASE",
    "LOOPS_API_KEY",
    "LOOPS_API_BASE",
    "POSTHOG_PROJECT_KEY",
    "POSTHOG_HOST",
}


def _archive(bucket: str) -> dict[str, str]:
    return {
        "R2_ENDPOINT_URL": bucket.removesuffix(f"/{BUCKET}"),
        "R2_BUCKET": BUCKET,
        "R2_ACCESS_KEY_ID": "loopback",
        "R2_SECRET_ACCESS_KEY": "loopback",
        "R2_ARCHIVE": "true",
        "EVENTS_RETENTION_DAYS": "30",
    }


@contextmanager
def loopback() -> Iterator[Loopback]:
    """Run them meanwhile. Loops answers its first request with 503. Raises NotStartedError."""
    loops, posthog = LoopsAPI(faults=[Fault(503)]), PostHogAPI()
    with world(others={"loops": loops, "posthog": posthog}) as services, _bucket() as r2:
        yield Loopback(services, loops, posthog, r2)


@contextmanager
def _bucket() -> Iterator[str]:
    if find_spec("moto") is None:  # it belongs to the development packages
        yield ""
        return
    with tempfile.TemporaryDirectory(prefix="tallyman-moto-") as folder:
        server = moto.start(Path(folder) / "moto")
        try:
            url = f"{server.url}/{BUCKET}"
            requests.put(url, timeout=30).raise_for_status()
            yield url
        finally:
            server.stop()
