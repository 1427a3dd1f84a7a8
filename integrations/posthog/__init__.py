"""PostHog: product analytics and feature flags."""

from integrations.interface import Integration
from integrations.posthog.mirrors import MIRRORS
from integrations.posthog.webhook import HEADERS, ID_HEADERS, read, sign, verify

POSTHOG = Integration(
    name="posthog",
    headers=HEADERS,
    kept_headers=ID_HEADERS,
    verify=verify,
    sign=sign,
    read=read,
    mirrors=MIRRORS,
)
