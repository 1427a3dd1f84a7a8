"""The promises of every integration: who gets in, what becomes of it, and in any order the same."""

from integrations import INTEGRATIONS
from simulator.lives import SOURCES
from tallyman.testing.conformance import Conformance, Subject
from tests.integrations.stories import (
    clerk,
    loops,
    r2,
    stripe,
    stripe_invoices,
    stripe_payments,
    stripe_settlements,
)

_OF_STRIPE = (stripe, stripe_invoices, stripe_payments, stripe_settlements)
STORIES = {
    "stripe": {name: story for module in _OF_STRIPE for name, story in module.STORIES.items()},
    "clerk": clerk.STORIES,
    "loops": loops.STORIES,
    "r2": r2.STORIES,
}


class TestOurServices(Conformance):
    subjects = [  # noqa: RUF012  said once, changed by nobody
        Subject(service, SOURCES[name], STORIES.get(name, {}))
        for name, service in INTEGRATIONS.items()
    ]
