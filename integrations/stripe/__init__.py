"""Stripe: payments."""

from integrations.interface import Integration
from integrations.stripe.mirrors import MIRRORS
from integrations.stripe.webhook import HEADER, read, sign, verify
from integrations.stripe.withheld import withhold
from settings import settings

STRIPE = Integration(
    name="stripe",
    headers=[HEADER],
    verify=verify,
    sign=sign,
    withhold=withhold,
    read=read,
    mirrors=MIRRORS,
    livemode=lambda: settings().stripe.livemode,
)
