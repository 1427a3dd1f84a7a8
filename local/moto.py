"""Starts a moto of our own: a stand-in for R2 on a free loopback port. It keeps nothing."""

import signal
import sys
from pathlib import Path

import requests

from local import child
from local.server import Server, free_port, wait_until_ready


def start(folder: Path, port: int | None = None) -> Server:
    """Start it on `port` or a free one and return it ready; it ends with us, log in `folder`.

    It belongs to the development packages. Raises NotStartedError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    port, log = port or free_port(), folder / "log"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with log.open("wb") as output:
        process = child.start(command, output=output, env={}, folder=folder)
    server = Server(f"http://127.0.0.1:{port}", process, signal.SIGTERM)
    return wait_until_ready(server, _answers, requests.RequestException, log)


def _answers(url: str) -> None:
    requests.get(f"{url}/moto-api/data.json", timeout=5).raise_for_status()
