"""Whether the set-up can keep the promises: what a start warns of, and `tallyman doctor` shows."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, cast

from redis.exceptions import RedisError, ResponseError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from db import migrate, reading
from db.session import transaction
from integrations import INTEGRATIONS
from integrations.interface import Integration
from settings import environment, settings
from telemetry import describe, log
from worker.handlers import BadHandlersError, handlers
from worker.inbox import redis

_log = log(__name__)
BUDGETS = "time slice < soft limit < hard limit < reclaim idle < visibility timeout"
Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `mend` says what to do about it."""

    level: Level
    what: str
    mend: str = ""


def at_start() -> None:
    """Log what is wrong with Redis; with REDIS_CHECKS=refuse, raise SystemExit on it."""
    if not settings().inbox.in_order():
        raise SystemExit(f"error: the budgets must nest: {BUDGETS}. Next: see .env.example")
    found = [finding for finding in redis_findings() if finding.level != "ok"]
    for finding in found:
        _log.warning("start.check", what=finding.what, mend=finding.mend)
    if found and settings().stores.redis_checks == "refuse":
        raise SystemExit("REDIS_CHECKS=refuse: " + "; ".join(f.what for f in found))


def findings() -> Iterator[Finding]:
    """Yield all that `tallyman doctor` looks at."""
    yield from redis_findings()
    yield from postgres_findings()
    yield from setting_findings()


def redis_findings() -> Iterator[Finding]:
    """Yield what matters about Redis: reachable, version, durable, never evicting, our own."""
    try:
        info: Any = redis().info()
        config = _config()
        foreign = _foreign_keys()
    except RedisError as error:
        yield Finding("fail", f"Redis does not answer: {describe(error)}", "check REDIS_URL")
        return
    version = tuple(int(part) for part in info["redis_version"].split(".")[:2])
    yield _finding(
        version >= (7, 0), f"Redis speaks version {info['redis_version']}", "7.0 or newer is needed"
    )
    yield _finding(
        config.get("appendonly") == "yes" and config.get("appendfsync") == "always",
        f"Redis appendonly={config.get('appendonly')} appendfsync={config.get('appendfsync')}",
        "set appendonly yes and appendfsync always: else what was accepted is lost when Redis dies",
    )
    yield _finding(
        info.get("maxmemory_policy") == "noeviction",
        f"Redis maxmemory-policy={info.get('maxmemory_policy')}",
        "set maxmemory-policy noeviction: else Redis throws accepted deliveries away",
    )
    yield _finding(
        bool(info.get("maxmemory")),
        f"Redis maxmemory={info.get('maxmemory_human')}",
        "set maxmemory: the inbox moves to Postgres at 70 % of it, before the machine runs out",
    )
    yield _finding(
        not foreign, "Redis is Tallyman's own", f"keys of others are in it, such as {foreign}"
    )


def _config() -> dict[str, str]:
    try:
        found: Any = redis().config_get("append*")
    except ResponseError:  # hosted Redis often forbids CONFIG; INFO knows less
        info: Any = redis().info("persistence")
        enabled = info["aof_enabled"]
        return {"appendonly": "yes" if enabled else "no", "appendfsync": "unknown"}
    return dict(found)


_KNOWN = ("tallyman:", "_kombu.", "unacked", "celery", "upkeep", *INTEGRATIONS)


def _foreign_keys() -> str:
    _, sample = cast("tuple[int, list[bytes]]", redis().scan(0, count=200))
    foreign = sorted(k.decode(errors="replace") for k in sample)
    return ", ".join([k for k in foreign if not k.startswith(_KNOWN)][:3])


def postgres_findings() -> Iterator[Finding]:
    """Yield whether Postgres answers and has our tables in their newest form."""
    try:
        with transaction() as session:
            version = session.execute(text("SHOW server_version")).scalar_one()
            synchronous = session.execute(text("SHOW synchronous_commit")).scalar_one()
            granted = reading.granted(session.connection())
        newest = migrate.newest()
    except SQLAlchemyError as error:
        yield Finding("fail", f"Postgres does not answer: {describe(error)}", "check DATABASE_URL")
        return
    yield _finding(int(version.split(".")[0]) >= 13, f"Postgres {version}", "13 or newer is needed")
    yield _finding(newest, "the tables have their newest form", "run: tallyman migrate", "fail")
    yield _finding(
        synchronous != "off",
        f"Postgres synchronous_commit={synchronous}",
        "set synchronous_commit on: else applied events are lost when Postgres dies",
    )
    yield _finding(
        granted,
        f"the role {reading.READER} may read the mirrors, for your application",
        f"run as who may: CREATE ROLE {reading.READER} NOLOGIN; then run: tallyman migrate",
    )


NEAR_MISSES = {
    "STRIPE_WEBHOOK_SECRET": "STRIPE_WEBHOOK_SECRETS",
    "STRIPE_SIGNING_SECRET": "STRIPE_WEBHOOK_SECRETS",
    "STRIPE_SECRET_KEY": "STRIPE_API_KEY",
    "CLERK_WEBHOOK_SECRET": "CLERK_WEBHOOK_SECRETS",
    "CLERK_WEBHOOK_SIGNING_SECRET": "CLERK_WEBHOOK_SECRETS",
    "CLERK_SIGNING_SECRET": "CLERK_WEBHOOK_SECRETS",
    "POSTGRES_URL": "DATABASE_URL",
    "CELERY_BROKER_URL": "REDIS_URL",
    "BROKER_URL": "REDIS_URL",
}


def setting_findings() -> Iterator[Finding]:
    """Yield misspelt settings, services without a secret, and budgets that do not nest."""
    variables = environment()
    for name in sorted(NEAR_MISSES.keys() & variables.keys()):
        meant = NEAR_MISSES[name]
        yield _finding(meant in variables, f"{name} is set", f"Tallyman reads {meant}: rename it")
    for service in INTEGRATIONS.values():
        yield _secrets_finding(service)
    yield _handlers_finding()
    yield _finding(
        settings().inbox.in_order(),
        BUDGETS,
        "restore this order: else what is being worked on is taken for lost",
    )


def _secrets_finding(service: Integration) -> Finding:
    endpoints = settings().endpoints.get(service.name, {})
    secrets = [s.get_secret_value() for listed in endpoints.values() for s in listed]
    unusable = sum(not service.usable(secret, time.time()) for secret in secrets)
    what = f"{service.name}: {len(secrets)} webhook secret(s)"
    name = f"{service.name.upper()}_WEBHOOK_SECRETS"
    if unusable:
        return Finding("fail", f"{what}, {unusable} of them mistyped", f"copy {name} again")
    return _finding(bool(secrets), what, f"set {name}: until then every delivery is refused")


def _handlers_finding() -> Finding:
    try:
        count = sum(map(len, handlers().values()))
    except BadHandlersError as error:
        what, _, mend = str(error).partition(" Next: ")
        return Finding("fail", what, mend)
    except Exception as error:  # noqa: BLE001  it is their module that is imported
        name = settings().worker.handlers
        return Finding("fail", f"HANDLERS={name}: {describe(error)}", "mend what it imports")
    return Finding("ok", f"{count} handler(s) of your own")


def _finding(good: bool, what: str, mend: str, otherwise: Level = "warn") -> Finding:
    return Finding("ok", what) if good else Finding(otherwise, what, mend)
