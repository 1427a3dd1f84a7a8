"""What is set up of each service, and how it stands: for `tallyman doctor`."""

import time
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module

from redis.exceptions import RedisError

from integrations import INTEGRATIONS, outbound
from integrations.errors import Deferred, Permanent, Transient
from integrations.targets import TARGETS
from settings import environment, settings
from telemetry import describe
from worker.checks import Finding, verdict
from worker.inbox import redis

NEEDS: Mapping[str, Sequence[str]] = {
    "stripe": ["STRIPE_API_KEY"],
    "clerk": ["CLERK_SECRET_KEY"],
    "loops": ["LOOPS_API_KEY"],
    "posthog": ["POSTHOG_PROJECT_KEY"],
    "posthog.api": ["POSTHOG_PERSONAL_API_KEY", "POSTHOG_PROJECT_ID"],
    "r2": ["R2_ENDPOINT_URL", "R2_BUCKET", "R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY"],
    "cloudflare": ["CLOUDFLARE_QUEUE_ID", "CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_API_TOKEN"],
    "app": ["APP_WEBHOOK_URL", "APP_WEBHOOK_SECRET"],
}
"""All that must be set for a service to be called."""

KEYED = ("stripe", "clerk", "loops", "r2")
"""Those whose client has a `check_key`."""
_SKEW = 10  # seconds: a Date is of whole ones, and of when the answer was made


def findings(*, calls: bool = False) -> Iterator[Finding]:
    """Yield a line for each service, then what is said of those that are sick.

    `calls` has each one asked whether it takes our key.
    """
    yield from map(_service, dict.fromkeys([*INTEGRATIONS, *TARGETS, *NEEDS]))
    if not (any(map(_secrets, INTEGRATIONS)) or _called("cloudflare")):
        yield Finding("warn", "nobody may send us anything", "set a webhook secret: .env.example")
    yield from _breakers()
    if calls:
        for name in filter(_called, KEYED):
            yield _answer(name)
            yield from _clock(name)


def _service(name: str) -> Finding:
    """Return how a service is set up. One that is not at all is no mistake."""
    secrets, missing = _secrets(name), _missing(name)
    if unusable := sum(not INTEGRATIONS[name].usable(secret, time.time()) for secret in secrets):
        what = f"{name}: {unusable} of {len(secrets)} webhook secret(s) mistyped"
        return Finding("fail", what, f"copy {_variable(name)} again")
    if 0 < len(missing) < len(NEEDS.get(name, ())):
        return Finding("warn", f"{name}: half set up", f"set {', '.join(missing)}")
    if secrets:
        unset = f"; not called, as {', '.join(missing)} is not set" if missing else ""
        return Finding("ok", f"{name}: {len(secrets)} webhook secret(s){unset}")
    return _without_secrets(name) if _called(name) else Finding("off", f"{name}: not set up")


def _without_secrets(name: str) -> Finding:
    """Return what is said of a service that is called: of some we need not hear."""
    if name not in INTEGRATIONS:
        return Finding("ok", f"{name}: called")
    what = f"{name}: called; what it sends is refused, as {_variable(name)} is not set"
    return verdict(name in TARGETS, what, "set it: else nothing is heard of it")


def _variable(name: str) -> str:
    return f"{name.upper()}_WEBHOOK_SECRETS"


def _secrets(name: str) -> list[str]:
    endpoints = settings().endpoints.get(name, {}) if name in INTEGRATIONS else {}
    return [secret.get_secret_value() for listed in endpoints.values() for secret in listed]


def _missing(name: str) -> list[str]:
    given = {variable.upper() for variable, value in environment().items() if value}
    return [variable for variable in NEEDS.get(name, ()) if variable not in given]


def _called(name: str) -> bool:
    return name in NEEDS and not _missing(name)


def _breakers() -> Iterator[Finding]:
    """Yield who is not called at the moment, and why; nothing while Redis, who knows, is away."""
    try:
        redis().ping()
    except RedisError:
        return
    states = outbound.states()
    if all(standing.state == "closed" for standing in states.values()):
        yield Finding("ok", "no service's breaker is open")
    for name, standing in states.items():
        wait = f"{standing.seconds:.0f} s"
        if standing.state != "closed":
            what = f"{name}: its breaker is {standing.state} after {standing.failures} failure(s)"
            yield Finding("warn", what, f"in {wait} one call tries whether it is well again")
        elif standing.seconds:
            yield Finding("ok", f"{name}: asked not to be called for {wait}")


def _answer(name: str) -> Finding:
    try:
        import_module(f"integrations.{name}.client").check_key()
    except (Transient, Permanent, Deferred) as error:
        mend = f"check {' and '.join(NEEDS[name])}, or ask again"
        return Finding("fail", f"{name}: {describe(error)}", mend)
    return Finding("ok", f"{name}: takes our key")


def _clock(name: str) -> Iterator[Finding]:
    """Yield how our clock stands against that of a service that has just answered."""
    behind = outbound.behind(name)
    if behind is not None and abs(behind) > _SKEW:
        way = "ahead of" if behind > 0 else "behind"
        what = f"our clock is {abs(behind):.0f} s {way} that of {name}"
        yield Finding("warn", what, "set it by NTP: at 300 s every signature is refused")
