"""A receiver that gunicorn serves, as in production."""

import os
import socket
import sys
from pathlib import Path

import psutil
import requests
from prometheus_client.parser import text_string_to_metric_families

from local import child
from local.server import free_port
from settings import ROOT
from tests.receiver.deliveries import signed


def everything(line):
    """Return what comes until the other side closes."""
    return b"".join(iter(lambda: line.recv(65536), b""))


class Served:
    """A receiver that runs in processes of its own."""

    def __init__(self, folder, *before):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder, self.log = folder, folder / "log"
        environment = os.environ | {
            "PORT": str(self.port),
            "RECEIVER_WORKERS": "2",
            "MAX_BODY_BYTES": "5000",
            "TMPDIR": str(folder),
            "HOME": str(folder),
        }
        with self.log.open("wb") as output:
            self.process = child.start(
                [
                    *before,
                    Path(sys.executable).with_name("gunicorn"),
                    "-c",
                    "receiver/serve.py",
                    "receiver.app:create_app()",
                ],
                output=output,
                env=environment,
                folder=ROOT,
            )

    def answers(self):
        try:
            return requests.get(f"{self.url}/healthz", timeout=10).ok
        except (requests.ConnectionError, requests.Timeout):
            assert self.process.poll() is None, self.log.read_text()
            return False

    def post(self, body, headers=None):
        headers = signed("stripe", body) if headers is None else headers
        return requests.post(f"{self.url}/webhooks/stripe", data=body, headers=headers, timeout=60)

    def count(self, outcome):
        families = text_string_to_metric_families(requests.get(f"{self.url}/metrics").text)  # noqa: S113
        samples = [sample for family in families for sample in family.samples]
        labels = {"service": "stripe", "outcome": outcome}
        return sum(
            s.value
            for s in samples
            if s.name == "tallyman_receiver_requests_total" and s.labels == labels
        )

    def connect(self, room=65536):
        """Return a socket that is connected, with room for so many bytes that nobody reads."""
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        line.settimeout(60)
        line.connect(("127.0.0.1", self.port))
        return line

    def says(self, sent):
        """Send bytes over a connection of their own, and return all that comes back."""
        with self.connect() as line:
            line.sendall(sent)
            line.shutdown(socket.SHUT_WR)
            return everything(line)

    def processes(self):
        return psutil.Process(self.process.pid).children()

    def counting(self):
        """Return how many processes have counted something."""
        return len(list(self.folder.glob("tallyman-metrics-*/counter_*.db")))
