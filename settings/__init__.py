"""Every setting of Tallyman, typed, in groups, read once from the environment and `.env`."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field, SecretStr, ValidationError

from settings.alerts import Alerts
from settings.canary import Canary
from settings.console import Console
from settings.environment import DOTENV, ENV_FILES, ROOT, RUNNING, environment
from settings.group import Group
from settings.own import Inbox, Proof, Receiver, Retry, Stores, Telemetry, Worker
from settings.services import (
    R2,
    Application,
    Clerk,
    Effects,
    Loops,
    OAuth,
    Outbound,
    PostHog,
    Retention,
    Slack,
    Stripe,
    Syncs,
)
from settings.watch import Watch

__all__ = [
    "DOTENV",
    "ENV_FILES",
    "ROOT",
    "RUNNING",
    "Group",
    "Inbox",
    "OAuth",
    "PostHog",
    "Proof",
    "Receiver",
    "Retry",
    "Settings",
    "Slack",
    "Stores",
    "Stripe",
    "Telemetry",
    "Watch",
    "Worker",
    "environment",
    "settings",
    "unset",
]


def _listed(value: object) -> object:
    """Return the secrets in a list of them. A mere prefix is none: anybody could sign with it."""
    if not isinstance(value, str):
        return value
    return [part.strip() for part in value.split(",") if part.strip().removeprefix("whsec_")]


Secrets = tuple[SecretStr, ...]
Endpoints = Mapping[str, Secrets]


class _Signing(BaseModel):
    secrets: Annotated[Secrets, BeforeValidator(_listed)]


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
    canary: Canary = Field(default_factory=Canary)
    worker: Worker = Field(default_factory=Worker)
    console: Console = Field(default_factory=Console)
    alerts: Alerts = Field(default_factory=Alerts)
    watch: Watch = Field(default_factory=Watch)
    telemetry: Telemetry = Field(default_factory=Telemetry)
    outbound: Outbound = Field(default_factory=Outbound)
    effects: Effects = Field(default_factory=Effects)
    syncs: Syncs = Field(default_factory=Syncs)
    oauth: OAuth = Field(default_factory=OAuth)
    retention: Retention = Field(default_factory=Retention)
    stripe: Stripe = Field(default_factory=Stripe)
    clerk: Clerk = Field(default_factory=Clerk)
    loops: Loops = Field(default_factory=Loops)
    posthog: PostHog = Field(default_factory=PostHog)
    slack: Slack = Field(default_factory=Slack)
    r2: R2 = Field(default_factory=R2)
    application: Application = Field(default_factory=Application)
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


def unset() -> dict[str, str]:
    """Return every setting, empty, so that its default stands whatever the environment says."""
    return {name.upper(): "" for group in Group.__subclasses__() for name in group.model_fields}
