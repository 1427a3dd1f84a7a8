"""Clerk: users and organizations."""

from integrations.clerk.mirrors import MIRRORS
from integrations.clerk.webhook import HEADERS, ID_HEADERS, read, sign, verify
from integrations.clerk.withheld import withhold
from integrations.interface import Integration

CLERK = Integration(
    name="clerk",
    headers=HEADERS,
    kept_headers=ID_HEADERS,
    verify=verify,
    sign=sign,
    withhold=withhold,
    read=read,
    mirrors=MIRRORS,
)
