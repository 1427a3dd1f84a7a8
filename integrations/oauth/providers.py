"""Whom accounts can be connected at, by name; further ones are in the module OAUTH_PROVIDERS names.

To add one, see docs/oauth.md: `PROVIDERS = [Provider(...), ...]`.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module

import own_modules
from integrations.oauth.interface import Provider
from integrations.posthog.oauth import PROVIDER as POSTHOG
from integrations.slack.oauth import PROVIDER as SLACK
from integrations.stripe.oauth import PROVIDER as STRIPE
from settings import settings
from telemetry import describe, log

_log = log(__name__)
OURS = (STRIPE, POSTHOG, SLACK)


class BadProvidersError(Exception):
    """What the setting OAUTH_PROVIDERS names cannot be used. Says why, and what to do."""


@cache
def providers() -> Mapping[str, Provider]:
    """Return all, also those that are not set up. Raises BadProvidersError.

    One of the team's own takes the place of ours of the same name.
    """
    return {
        provider.name: provider for provider in (*OURS, *_own(settings().oauth.oauth_providers))
    }


def usable() -> Mapping[str, Provider]:
    """Return the same, for what has more to do than this: none where they cannot be used.

    Ours are none either then: the team's own may have been meant to take their place.
    """
    return _usable(settings().oauth.oauth_providers)


def ending(service: str) -> Provider | None:
    """Return whose webhook events end connections of a service.

    Ours where the team's own cannot be used: the events come once, and tell of our application.
    """
    return (usable() or {provider.name: provider for provider in OURS}).get(service)


@cache
def _usable(module: str) -> Mapping[str, Provider]:
    try:
        return providers()
    except BadProvidersError as error:
        _log.error("oauth.no_providers", module=module, error=str(error))
        return {}


def _own(module: str) -> list[Provider]:
    if not module:
        return []
    if found := own_modules.collisions(module):
        raise BadProvidersError(
            f"OAUTH_PROVIDERS={module}: {' and '.join(found)} are called as ours"
        )
    try:
        listed = list(import_module(module).PROVIDERS)
    except Exception as error:  # noqa: BLE001  whatever it does when it is imported
        raise BadProvidersError(f"OAUTH_PROVIDERS={module}: {describe(error)}") from None
    if not all(isinstance(one, Provider) and one.name.isidentifier() for one in listed):
        raise BadProvidersError(f"OAUTH_PROVIDERS={module}: write PROVIDERS = [Provider(...), ...]")
    return listed
