"""Cloudflare R2: what is stored there, and the archive of the ledger's bodies."""

from integrations import standard_webhooks
from integrations.interface import Integration
from integrations.r2.mirrors import MIRRORS
from integrations.r2.webhook import read

R2 = Integration(
    name="r2",
    headers=standard_webhooks.HEADERS,
    kept_headers=standard_webhooks.ID_HEADERS,
    verify=standard_webhooks.verify,
    sign=standard_webhooks.sign,
    read=read,
    mirrors=MIRRORS,
)
