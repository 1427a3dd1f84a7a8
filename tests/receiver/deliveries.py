"""Deliveries as the services would send them, and a look at where they went."""

import json
import time

from integrations import INTEGRATIONS
from settings import settings
from worker.inbox import redis, stream


def secret_of(service, endpoint=""):
    return settings().endpoints[service][endpoint][0].get_secret_value()


def signed(service, body, *, endpoint="", secret=None, age=0.0, event_id="msg_1"):
    secret = secret or secret_of(service, endpoint)
    return INTEGRATIONS[service].sign(body, secret, time.time() - age, event_id)


def stripe_body(id="evt_1"):
    return json.dumps(
        {
            "id": id,
            "object": "event",
            "type": "customer.created",
            "created": 1_700_000_000,
            "data": {"object": {"object": "customer", "id": "cus_1"}},
        }
    ).encode()


def kept_in_redis(service="stripe"):
    """Return the entries of the stream, each as a dict of its fields."""
    return [fields for _, fields in redis().xrange(stream(service)) or []]
