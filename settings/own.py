"""Tallyman's own settings: its stores, processes and limits."""

from itertools import pairwise
from typing import Literal

from pydantic import Field, SecretStr, field_validator

from settings.group import Group


class Stores(Group):
    """Where Postgres and Redis are, and how strictly Redis is checked at the start."""

    database_url: str = Field("postgresql://127.0.0.1:5432/tallyman", repr=False)
    redis_url: str = Field("redis://127.0.0.1:6379/0", repr=False)
    database_schema: str = Field("tallyman", pattern=r"^[a-z_][a-z0-9_]{0,62}$")
    redis_checks: Literal["warn", "refuse"] = "warn"

    @field_validator("database_url", mode="after")
    @classmethod
    def _with_driver(cls, url: str) -> str:
        scheme, _, rest = url.partition("://")
        if scheme not in {"postgres", "postgresql", "postgresql+psycopg"}:
            raise ValueError("it must begin with postgresql:// or postgres://")
        return f"postgresql+psycopg://{rest}"

    @field_validator("redis_url", mode="after")
    @classmethod
    def _of_redis(cls, url: str) -> str:
        if not url.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("it must begin with redis://, rediss:// or unix://")
        return url


class Receiver(Group):
    """The door."""

    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    receiver_workers: int = Field(2, ge=1)
    receiver_threads: int = Field(8, ge=1)
    max_body_bytes: int = Field(1_048_576, ge=1)
    trusted_proxies: int = Field(0, ge=0)


class Inbox(Group):
    """The streams and the doorbells. The times nest: see `in_order`."""

    inbox_max_entries: int = Field(100_000, ge=1)
    doorbells: int = Field(4, ge=1)
    batch_size: int = Field(100, ge=1, le=1000)
    time_slice_seconds: float = Field(5, gt=0)
    soft_limit_seconds: int = Field(20, ge=1)
    hard_limit_seconds: int = Field(30, ge=1)
    reclaim_idle_seconds: float = Field(45, gt=0)
    visibility_timeout_seconds: int = Field(90, ge=2)
    rest_seconds: float = Field(2, gt=0)

    def in_order(self) -> bool:
        """Return whether time slice < soft < hard < reclaim idle < visibility timeout holds."""
        times = [
            self.time_slice_seconds,
            self.soft_limit_seconds,
            self.hard_limit_seconds,
            self.reclaim_idle_seconds,
            self.visibility_timeout_seconds,
        ]
        return all(a < b for a, b in pairwise(times))


class Retry(Group):
    """How long an event that fails is tried."""

    retry_attempts: int = Field(16, ge=1, le=1000)
    retry_first_seconds: float = Field(2, gt=0)
    retry_longest_seconds: float = Field(3600, gt=0, le=3600)


class Worker(Group):
    """Celery's processes."""

    handlers: str = ""
    flower_basic_auth: SecretStr = SecretStr("")
    flower_address: str = "127.0.0.1"
    flower_port: int = Field(5555, ge=1, le=65535)


class Telemetry(Group):
    """Logs, error reports, traces and the figures of processes."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "console"] = "json"
    sentry_dsn: SecretStr = SecretStr("")
    sentry_traces_sample_rate: float = Field(0.0, ge=0, le=1)
    sentry_monitors: Literal["none", "beat", "all"] = "beat"
    otel_exporter_otlp_endpoint: str = ""
    worker_metrics_port: int = Field(0, ge=0, le=65534)
    worker_metrics_address: str = "127.0.0.1"
    console_metrics_port: int = Field(0, ge=0, le=65535)


class Proof(Group):
    """What only `tallyman prove` and the tests set: a folder of armed fault points."""

    fault_points: str = ""
