"""Stripe: payments."""

from integrations.interface import Integration
from integrations.stripe.mirrors import MIRRORS
from integrations.stripe.webhook import HEADER, read, sign, verify
from settings import settings

STRIPE = Integration(
    name="stripe",
    headers=[HEADER],
    verify=verify,
    sign=sign,
    read=read,
    mirrors=MIRRORS,
    livemode=lambda: settings().stripe.livemode,
)
