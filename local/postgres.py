"""Starts a Postgres of our own in a folder, on a free loopback port."""

import signal
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import psycopg
from psycopg import sql

from local import child
from local.account import enterable, unprivileged
from local.binaries import postgres_programs
from local.cluster import cluster
from local.lock import claimed
from local.server import Server, free_port, password, wait_until_ready

NAME = "tallyman"  # of the database, and of its owner
INITDB = ["--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", f"--username={NAME}"]
SETTINGS = [
    "--listen_addresses=127.0.0.1",
    "--unix_socket_directories=",
    "--shared_buffers=128MB",
    "--max_connections=100",
    "--fsync=on",
]
# Nothing of ours leaks in: PGDATA, PGOPTIONS and their like would be obeyed.
ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC"}


def start(
    folder: Path,
    port: int | None = None,
    env: Mapping[str, str] | None = None,
    settings: Sequence[str] = (),
) -> Server:
    """Start it on `port` or a free one and return it ready; it ends with us.

    `env` and `settings` (`--name=value`) come on top of what it always gets.

    What was committed before in the same `folder` is still there. Raises NotStartedError.
    """
    account = unprivileged()
    programs, home = postgres_programs(account), enterable(folder, account)
    port, log = port or free_port(), home / "log"
    with claimed(folder / "lock") as lock, log.open("wb") as output:
        secret = password(home / "password")
        environment = {**ENVIRONMENT, **(env or {})}
        run = partial(
            child.start, output=output, env=environment, folder=home, account=account, keeps=[lock]
        )
        tables = cluster(home, account, lambda where: run([programs / "initdb", *INITDB, *where]))
        process = run(
            [programs / "postgres", "-D", tables, f"--port={port}", *SETTINGS, *settings],
            dies_by=signal.SIGINT,  # the fast shutdown
        )
    url = f"postgresql://{NAME}:{secret}@127.0.0.1:{port}/{NAME}"
    server = Server(url, process, signal.SIGINT)
    return wait_until_ready(server, _make_database, psycopg.OperationalError, log)


def _make_database(url: str) -> None:
    with psycopg.connect(url, dbname="postgres", connect_timeout=5, autocommit=True) as session:
        known = session.execute("SELECT FROM pg_database WHERE datname = %s", [NAME])
        if not known.rowcount:
            session.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
