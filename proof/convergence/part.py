"""Convergence as a part of the proof: on stores of its own, of one service or of all."""

import os
from collections.abc import Iterator, Sequence
from importlib import import_module

from local.stores import stores
from proof.context import Context
from proof.report import Part


def parts(context: Context, services: Sequence[str]) -> Iterator[Part]:
    """Yield a part for each service, of all services where none are named."""
    with stores(None) as found:
        os.environ |= {  # noqa: TID251  before what is imported below reads it
            "DATABASE_URL": found.database_url,
            "REDIS_URL": found.redis_url,
            "DATABASE_SCHEMA": "tallyman",
            "HANDLERS": "",
            "LOG_LEVEL": "WARNING",  # thousands of drains would hide all else
        }
        import_module("telemetry").configure()
        import_module("db.migrate").upgrade()
        known = import_module("integrations").INTEGRATIONS
        run = import_module("proof.convergence.run")
        names = services or [name for name in known if run.is_told(known[name])]
        if unknown := set(names) - known.keys():
            raise SystemExit(f"error: there is no service {', '.join(unknown)}: {', '.join(known)}")
        for name in names:
            share = context.share(1 / len(names))
            yield run.prove(share, known[name])
