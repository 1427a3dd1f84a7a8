"""What is wrong is said by the test; who is told is on loopback; the clock is the test's."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from simulator.stand_in import serving
from tests.told_loopback import FakeSentry, FakeSlack

if TYPE_CHECKING:
    from worker.health import Health, Reason

T0 = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
BOT = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_CHANNEL": "C1"}


def reason(code: str = "call_failing", state: str = "failing", **more: Any) -> "Reason":
    """Return something that is wrong."""
    from worker.health import Reason

    given: dict[str, Any] = {
        "words": f"{code} says so",
        "since": None,
        "look": f"tallyman status stripe --because {code}",
        "mend": "tallyman resume stripe",
        "page": f"/events?code={code}",
    }
    return Reason(code=code, **{"state": state} | given | more)


def stands(
    *reasons: "Reason", service: str = "stripe", state: str = "", unseen: Iterable[str] = ()
) -> "Health":
    """Return how a service stands that has these reasons."""
    from worker.health import Health

    worst = next(iter(one.state for one in reasons), "healthy")
    how: Any = state or worst
    return Health(service, how, tuple(reasons), None, None, None, frozenset(unseen))


@dataclass
class Clock:
    """Looks every 30 seconds, from T0; after each, whoever is to be told is."""

    now: datetime = T0
    tells: bool = True
    looks: list[str] = field(default_factory=list)

    def look(self, *healths: "Health", seconds: float = 30, every: float = 30) -> None:
        """Look again and again for so long, the services standing as given all the time."""
        from worker.alerts.watch import watch

        end = self.now + timedelta(seconds=seconds)
        while self.now < end:
            self.now += timedelta(seconds=every)
            self.looks.append(watch(healths, self.now))
            self.tell()

    def tell(self) -> None:
        """Tell what is to be told, unless nobody does."""
        from worker.alerts.tell import tell

        if self.tells:
            tell(self.now)


@pytest.fixture
def clock(clean: None) -> Clock:
    return Clock()


@pytest.fixture
def incidents(clean: None) -> Callable[[], Any]:
    """Return all incidents, the first first."""

    def read() -> Any:
        from worker.alerts.shown import latest

        return sorted(latest(over=True), key=lambda one: one.id)

    return read


@pytest.fixture
def unlimited(set_to: Callable[..., None]) -> None:
    """The tests wait for no limit of the gate's."""
    set_to(CALL_LIMITS="slack=1000,sentry=1000", BREAKER_FAILURES="1000")


@pytest.fixture
def slack(set_to: Callable[..., None], unlimited: None) -> Iterator[FakeSlack]:
    """Slack's bot is set up."""
    with serving(FakeSlack()) as running:
        set_to(SLACK_BASE=running.url, **BOT)
        yield running


@pytest.fixture
def hook(set_to: Callable[..., None], unlimited: None) -> Iterator[FakeSlack]:
    """Slack's webhook is set up."""
    with serving(FakeSlack()) as running:
        set_to(SLACK_WEBHOOK_URL=f"{running.url}/services/T1/B1/secret")
        yield running


@pytest.fixture
def sentry(set_to: Callable[..., None], unlimited: None) -> Iterator[FakeSentry]:
    """Sentry is set up."""
    with serving(FakeSentry()) as running:
        set_to(SENTRY_DSN=running.url.replace("://", "://public@") + "/7")
        yield running


def opened(incident: Any) -> tuple[str, str, str, int, bool]:
    """Return the gist of an incident: whose, why, how bad, its alarms, whether it is over."""
    with suppress(AttributeError):
        return (
            incident.service,
            incident.code,
            incident.state,
            incident.alarms,
            incident.closed_at is not None,
        )
    raise AssertionError(incident)
