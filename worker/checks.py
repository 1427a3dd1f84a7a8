"""Whether the set-up can keep the promises: what a start warns of, and `tallyman doctor` shows."""

from collections.abc import Callable, Iterator, Mapping, Sized
from dataclasses import dataclass
from typing import Any, Literal, cast

from redis.exceptions import RedisError, ResponseError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from db import migrate, reading
from db.session import transaction
from integrations import INTEGRATIONS
from integrations.targets import TARGETS
from settings import environment, settings
from telemetry import describe, log
from worker.handlers import BadHandlersError, handlers
from worker.inbox import redis
from worker.reactions import table

_log = log(__name__)
BUDGETS = "time slice < soft limit < hard limit < reclaim idle < visibility timeout"
Level = Literal["ok", "off", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `mend` says what to do about it. `off`: nobody wants it."""

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
    """Yield what concerns all services: the stores, and the settings."""
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
    yield verdict(
        version >= (7, 0), f"Redis speaks version {info['redis_version']}", "7.0 or newer is needed"
    )
    yield verdict(
        config.get("appendonly") == "yes" and config.get("appendfsync") == "always",
        f"Redis appendonly={config.get('appendonly')} appendfsync={config.get('appendfsync')}",
        "set appendonly yes and appendfsync always: else what was accepted is lost when Redis dies",
    )
    yield verdict(
        info.get("maxmemory_policy") == "noeviction",
        f"Redis maxmemory-policy={info.get('maxmemory_policy')}",
        "set maxmemory-policy noeviction: else Redis throws accepted deliveries away",
    )
    yield verdict(
        bool(info.get("maxmemory")),
        f"Redis maxmemory={info.get('maxmemory_human')}",
        "set maxmemory: the inbox moves to Postgres at 70 % of it, before the machine runs out",
    )
    yield verdict(
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


_WORK = (f"{target}.work" for target in TARGETS)
_KNOWN = (
    "tallyman:",
    "_kombu.",
    "unacked",
    "celery",
    "upkeep",
    "oauth.work",
    "alerts.work",
    *INTEGRATIONS,
    *_WORK,
)


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
    yield verdict(int(version.split(".")[0]) >= 13, f"Postgres {version}", "13 or newer is needed")
    yield verdict(newest, "the tables have their newest form", "run: tallyman migrate", "fail")
    yield verdict(
        synchronous != "off",
        f"Postgres synchronous_commit={synchronous}",
        "set synchronous_commit on: else applied events are lost when Postgres dies",
    )
    yield verdict(
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
    "LOOPS_WEBHOOK_SECRET": "LOOPS_WEBHOOK_SECRETS",
    "LOOPS_SIGNING_SECRET": "LOOPS_WEBHOOK_SECRETS",
    "POSTHOG_WEBHOOK_SECRET": "POSTHOG_WEBHOOK_SECRETS",
    "POSTHOG_API_KEY": "POSTHOG_PROJECT_KEY",
    "POSTHOG_PROJECT_API_KEY": "POSTHOG_PROJECT_KEY",
    "POSTHOG_API_HOST": "POSTHOG_HOST",
    "POSTGRES_URL": "DATABASE_URL",
    "R2_WEBHOOK_SECRET": "R2_WEBHOOK_SECRETS",
    "R2_ENDPOINT": "R2_ENDPOINT_URL",
    "R2_BUCKET_NAME": "R2_BUCKET",
    "CLOUDFLARE_API_KEY": "CLOUDFLARE_API_TOKEN",
    "CELERY_BROKER_URL": "REDIS_URL",
    "BROKER_URL": "REDIS_URL",
}


def setting_findings() -> Iterator[Finding]:
    """Yield misspelt settings, modules that cannot be used, and budgets that do not nest."""
    variables = environment()
    for name in sorted(NEAR_MISSES.keys() & variables.keys()):
        meant = NEAR_MISSES[name]
        yield verdict(meant in variables, f"{name} is set", f"Tallyman reads {meant}: rename it")
    own, reactions = settings().worker.handlers, settings().effects.reactions
    yield _own("HANDLERS", own, "handler(s) of your own", handlers)
    yield _own("REACTIONS", reactions, "reaction(s)", table)
    yield verdict(
        settings().inbox.in_order(),
        BUDGETS,
        "restore this order: else what is being worked on is taken for lost",
    )


def _own(setting: str, name: str, what: str, load: Callable[[], Mapping[Any, Sized]]) -> Finding:
    """Return how many are in the table of the module that a setting names, or why it is none."""
    try:
        count = sum(map(len, load().values()))
    except BadHandlersError as error:
        said, _, mend = str(error).partition(" Next: ")
        return Finding("fail", said, mend)
    except Exception as error:  # noqa: BLE001  it is their module that is imported
        return Finding("fail", f"{setting}={name}: {describe(error)}", "mend what it imports")
    return Finding("ok", f"{count} {what}")


def verdict(good: bool, what: str, mend: str, otherwise: Level = "warn") -> Finding:
    """Return what was found: `ok` where it is good, and else what is to be mended."""
    return Finding("ok", what) if good else Finding(otherwise, what, mend)
