"""GitHub: repositories and issues."""

from integrations.github.mirrors import MIRRORS
from integrations.github.webhook import HEADERS, KEPT_HEADERS, read, sign, verify
from integrations.interface import Integration

GITHUB = Integration(
    name="github",
    headers=HEADERS,
    kept_headers=KEPT_HEADERS,
    verify=verify,
    sign=sign,
    read=read,
    mirrors=MIRRORS,
)
