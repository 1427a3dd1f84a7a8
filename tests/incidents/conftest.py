"""A night in which the operator sleeps until somebody tells of something.

This file is read before the stores run, so it imports what reads the settings only when it is used.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from simulator.stand_in import serving
from simulator.stripe_api import StripeAPI
from tests.incidents.clicks import looked_at
from tests.told_loopback import FakeSlack
from tests.worker.conftest import Sql

Do = Callable[[], object]
ALIVE = "tallyman:alive:"


@dataclass
class Night:
    """What health said of each service, look by look, and what Slack was told, by the minute."""

    slack: FakeSlack
    minute: int = 0
    stood: dict[str, list[tuple[str, list[str]]]] = field(default_factory=dict)
    told: list[tuple[int, str]] = field(default_factory=list)
    client: Any = None
    followed: set[str] = field(default_factory=set)

    def goes_on(self, minutes: int, do: Do = lambda: None, *, step: int = 1) -> None:
        """Have something done each `step` minutes, look, and let them pass."""
        from tests.incidents.older import older

        for _ in range(0, minutes, step):
            do()
            self._look()
            older(step)
            self.minute += step

    def _look(self) -> None:
        from worker.alerts.tell import tell
        from worker.alerts.watch import watch
        from worker.health import health

        found = health()
        for one in found:
            codes = [reason.code for reason in one.reasons]
            self.stood.setdefault(one.service, []).append((one.state, codes))
            if {*codes} - self.followed:  # as somebody would who is woken by it
                looked_at(one, self.client)
                self.followed.update(codes)
        before = len(self.slack.said)
        watch(found)
        tell()
        self.told += [(self.minute, text) for _, text in self.slack.said[before:]]

    def alerts(self) -> list[str]:
        """Return what was told but for recoveries."""
        return [text for _, text in self.told if "has recovered" not in text]

    def recoveries(self) -> list[str]:
        """Return what was told to be over."""
        return [text for _, text in self.told if "has recovered" in text]


@pytest.fixture
def night(set_to: Callable[..., None], sql: Sql) -> Iterator[Night]:
    """Workers are alive, and Slack's webhook is set up."""
    from console.app import create_app
    from worker.inbox import redis

    redis().set(f"{ALIVE}drain@here", "now")
    with serving(FakeSlack()) as slack:
        set_to(
            SLACK_WEBHOOK_URL=f"{slack.url}/services/T/B/x",
            CALL_LIMITS="slack=1000,stripe=1000",
            CONSOLE_SECRET="s" * 32,
            CONSOLE_TRUSTED_HEADER="X-User",
            CONSOLE_TRUSTED_PROXIES="127.0.0.1",
        )
        yield Night(slack, client=create_app().test_client())
    redis().delete(f"{ALIVE}drain@here")


@pytest.fixture
def stripe_api(night: Night, set_to: Callable[..., None]) -> Iterator[StripeAPI]:
    """The simulated Stripe, which has a key of ours."""
    from integrations.stripe.client import client

    with serving(StripeAPI(now=time.time)) as running:
        set_to(STRIPE_API_KEY="sk_test_x", STRIPE_API_BASE=running.url)
        client.cache_clear()
        yield running
    client.cache_clear()
