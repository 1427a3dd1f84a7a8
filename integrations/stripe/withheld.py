"""What Stripe sends and nobody may keep: client secrets.

They are not to be stored, logged or shown to anyone but the customer
(https://docs.stripe.com/api/payment_intents/object#payment_intent_object-client_secret).
"""

import re

from integrations.schema import JSON
from integrations.withheld import containers, rewritten

_MARK = "_secret"  # stands in the name of the field, and in each of its values
# no id is longer; without a bound, what only looks like many beginnings would take for ever
_TOKEN = re.compile(r"(?:(?:pi|seti|cs)_\w{1,255}?|src_client)_secret_\w+")


def withhold(body: bytes) -> bytes:
    """Return the body without client secrets; the very same object where it has none."""
    return rewritten(body, [_MARK.encode()], _take_out)


def _take_out(told: JSON) -> None:
    for inner in containers(told):
        if isinstance(inner, dict):
            inner.pop("client_secret", None)
        for key, value in inner.items() if isinstance(inner, dict) else enumerate(inner):
            if isinstance(value, str) and _MARK in value:  # addresses of pages may hold one too
                inner[key] = _TOKEN.sub("", value)
