"""The promises of every integration: who gets in, what becomes of it, and in any order the same."""

from integrations import INTEGRATIONS
from simulator.lives import SOURCES
from tallyman.testing.conformance import Conformance, Subject
from tests.integrations.stories import clerk, stripe, stripe_payments

STORIES = {"stripe": stripe.STORIES | stripe_payments.STORIES, "clerk": clerk.STORIES}


class TestOurServices(Conformance):
    subjects = [  # noqa: RUF012  said once, changed by nobody
        Subject(service, SOURCES[name], STORIES[name]) for name, service in INTEGRATIONS.items()
    ]
