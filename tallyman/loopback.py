"""The services that the demo calls, as stand-ins on loopback; for R2 a moto, where there is one."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import requests

from local import moto
from simulator.loops_api import Fault, LoopsAPI, loops_api
from simulator.posthog_api import PostHogAPI, posthog_api

BUCKET = "demo"


@dataclass(frozen=True, slots=True)
class Loopback:
    """The stand-ins that run. `r2` is the bucket's URL, '' without moto."""

    loops: LoopsAPI
    posthog: PostHogAPI
    r2: str

    @property
    def settings(self) -> dict[str, str]:
        """Return the settings by which a system calls them."""
        told = {
            "LOOPS_API_KEY": "loopback",
            "LOOPS_API_BASE": self.loops.url,
            "POSTHOG_PROJECT_KEY": "phc_loopback",
            "POSTHOG_HOST": self.posthog.url,
        }
        return told | (_archive(self.r2) if self.r2 else {})


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
    with loops_api() as loops, posthog_api() as posthog, _bucket() as r2:
        loops.faults.append(Fault(503))
        yield Loopback(loops, posthog, r2)


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
