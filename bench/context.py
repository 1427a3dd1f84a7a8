"""What the figures were taken on."""

import os
import platform
import subprocess
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench.figures import Size
from db.session import engine
from worker.inbox import redis

PACKAGES = ("celery", "flask", "gunicorn", "psycopg", "pydantic", "redis", "sqlalchemy", "stripe")


def context(size: Size) -> dict[str, Any]:
    """Return versions, machine and size; to be called before the load is put on."""
    with engine().connect() as connection:
        postgres = connection.execute(text("SHOW server_version")).scalar_one()
    info: Any = redis().info("server")
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "revision": _git("rev-parse", "--short", "HEAD"),
        "uncommitted_changes": bool(_git("status", "--porcelain")),
        "cores": os.cpu_count(),
        "load_before": [round(load, 2) for load in os.getloadavg()],
        "python": platform.python_version(),
        "postgres": postgres,
        info.get("server_name", "redis"): info.get("valkey_version", info["redis_version"]),
        "packages": {name: version(name) for name in PACKAGES},
        "size": asdict(size),
    }


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip()
