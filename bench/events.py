"""Signed `customer.subscription.updated` events of 4 KB, each with its own id."""

import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from string import Template

from bench.stack import SECRET
from integrations.stripe.webhook import sign

SUBSCRIPTIONS = 400
_TEMPLATE = Template(Path(__file__).with_name("subscription_updated.json").read_text())
_numbers = count(1)
_started = int(time.time())


def event_id(number: int) -> str:
    return f"evt_1Bench{number:014d}"


def bodies(how_many: int) -> list[tuple[str, bytes]]:
    """Return so many events that were not there before, as (id, body)."""
    return [(event_id(n), _body(n)) for n in (next(_numbers) for _ in range(how_many))]


def _body(number: int) -> bytes:
    whose = number % SUBSCRIPTIONS
    filled = _TEMPLATE.substitute(
        event=event_id(number),
        created=_started + number // SUBSCRIPTIONS,
        subscription=f"sub_1Bench{whose:014d}",
        customer=f"cus_Bench{whose:08d}",
        item=f"si_Bench{whose:08d}",
        price=f"price_1Bench{whose % 8:014d}",
        quantity=2 + number // SUBSCRIPTIONS,
    )
    return filled.encode()


def requests(how_many: int) -> Iterator[tuple[str, bytes]]:
    """Yield so many new events, each as (id, the bytes of a signed HTTP request)."""
    now = time.time()
    for id, body in bodies(how_many):
        headers = {
            "Host": "127.0.0.1",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Accept": "*/*; q=0.5, application/xml",
            "Cache-Control": "no-cache",
            "Content-Length": str(len(body)),
            **sign(body, SECRET, now, id),
        }
        lines = [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join(["POST /webhooks/stripe HTTP/1.1", *lines, "", ""])
        yield id, head.encode() + body
