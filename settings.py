"""Every setting of Tallyman, typed, in groups, read once from the environment and `.env`."""

import os
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from dotenv import dotenv_values
from pydantic import BaseModel, BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

# `tallyman up` writes where its own stores are, so that a second terminal finds them; `.env` wins.
ROOT = Path(__file__).parent
RUNNING, DOTENV = ROOT / ".data" / "running.env", ROOT / ".env"
# the tests and the demo shall not see what a developer has set up for himself
_ALONE = os.environ.get("TALLYMAN_NO_ENV_FILES")  # noqa: TID251  this file is the reader
ENV_FILES = () if _ALONE else (RUNNING, DOTENV)


def _listed(value: object) -> object:
    """Return the secrets in a list of them. A mere prefix is none: anybody could sign with it."""
    if not isinstance(value, str):
        return value
    return [part.strip() for part in value.split(",") if part.strip().removeprefix("whsec_")]


class Group(BaseSettings):
    """Settings that belong together. A field's name in capitals is the variable's name."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILES,
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        enable_decoding=False,
    )


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
    """Logs and error reports."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "console"] = "json"
    sentry_dsn: SecretStr = SecretStr("")


class Proof(Group):
    """What only `tallyman prove` and the tests set: a folder of armed fault points."""

    fault_points: str = ""


class Stripe(Group):
    """Stripe. Without a key events of either mode are admitted."""

    stripe_api_key: SecretStr = SecretStr("")

    @property
    def livemode(self) -> bool | None:
        """Return the mode of the configured key, None without one that says so."""
        kind = self.stripe_api_key.get_secret_value().partition("_")[2]
        return {"live": True, "test": False}.get(kind.partition("_")[0])


Secrets = tuple[SecretStr, ...]
Endpoints = Mapping[str, Secrets]


class _Signing(BaseModel):
    secrets: Annotated[Secrets, BeforeValidator(_listed)]


def environment(files: Sequence[Path] = ENV_FILES) -> dict[str, str]:
    """Return the variables of the process over those of the env files."""
    found: dict[str, str] = {}
    for path in files:
        if path.is_file():
            found |= {name: value for name, value in dotenv_values(path).items() if value}
    return found | dict(os.environ)  # noqa: TID251  this file is the reader


def _endpoints(variables: Mapping[str, str]) -> dict[str, Endpoints]:
    """Return {service: {endpoint: secrets}}; the unnamed endpoint is ''."""
    found: dict[str, dict[str, Secrets]] = {}
    for name, value in variables.items():
        service, marker, rest = name.upper().partition("_WEBHOOK_SECRETS")
        if marker and (not rest or rest.startswith("__")):
            endpoint = rest.removeprefix("__").lower()
            secrets = _Signing.model_validate({"secrets": value}).secrets
            found.setdefault(service.lower(), {})[endpoint] = secrets
    return dict(found)


class Settings(BaseModel, frozen=True):
    """All groups."""

    stores: Stores = Field(default_factory=Stores)
    receiver: Receiver = Field(default_factory=Receiver)
    inbox: Inbox = Field(default_factory=Inbox)
    retry: Retry = Field(default_factory=Retry)
    worker: Worker = Field(default_factory=Worker)
    telemetry: Telemetry = Field(default_factory=Telemetry)
    stripe: Stripe = Field(default_factory=Stripe)
    proof: Proof = Field(default_factory=Proof)
    endpoints: Mapping[str, Endpoints] = Field(default_factory=lambda: _endpoints(environment()))

    def secrets(self, service: str, endpoint: str = "") -> Secrets | None:
        """Return the endpoint's secrets, None where nobody configured that endpoint."""
        return self.endpoints.get(service, {}).get(endpoint)


@cache
def settings() -> Settings:
    """Return the settings, read at the first call. Raises SystemExit, naming what is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False)[0]
        name = ".".join(map(str, wrong["loc"])).upper()
        message = f"error: the setting {name} is wrong: {wrong['msg']}. Next: see .env.example"
        raise SystemExit(message) from None
