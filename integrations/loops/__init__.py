"""Loops: contacts, and who wants mail."""

from integrations.interface import Integration
from integrations.loops.mirrors import MIRRORS
from integrations.loops.webhook import HEADERS, ID_HEADERS, read, sign, verify

LOOPS = Integration(
    name="loops",
    headers=HEADERS,
    kept_headers=ID_HEADERS,
    verify=verify,
    sign=sign,
    read=read,
    mirrors=MIRRORS,
)
