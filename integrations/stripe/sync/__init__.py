"""What we ask Stripe to keep its mirrors complete: listings, single objects, and its log."""

from integrations.stripe.sync.collections import COLLECTIONS
from integrations.stripe.sync.log import LOG
from integrations.syncs import Sync
from settings import settings


def _on() -> bool:
    return bool(settings().stripe.stripe_api_key.get_secret_value())


SYNC = Sync(name="stripe", on=_on, collections=COLLECTIONS, log=LOG)
