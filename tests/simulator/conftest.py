"""The simulated services on loopback, and the official libraries that talk to them."""

from typing import Any

import pytest
import stripe
from clerk_backend_api import Clerk
from clerk_backend_api.utils import BackoffStrategy, RetryConfig

from simulator.dials import Dials
from simulator.world import world

NOW = 1_780_000_000


@pytest.fixture
def dials():
    return Dials()


@pytest.fixture
def services(dials):
    with world(seed=7, dials=dials) as running:
        running.clock.at = NOW
        yield running


@pytest.fixture
def ask_stripe(services):
    """Stripe's own library, which does not try again."""
    bases: Any = {"api": services.settings["STRIPE_API_BASE"]}
    return stripe.StripeClient("sk_test_1", base_addresses=bases, max_network_retries=0).v1


@pytest.fixture
def ask_clerk(services):
    """Clerk's own library, which does not try again."""
    once = RetryConfig("none", BackoffStrategy(1, 1, 1, 1), False)
    url = services.settings["CLERK_API_BASE"]
    return Clerk(bearer_auth="sk_test_1", server_url=url, retry_config=once)
