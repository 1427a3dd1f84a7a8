"""A target of the tests: it remembers what it was sent, and does what the test asks for."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from integrations.effects import Action, Sending, Target
from tests.worker.stories import POLICY
from worker.deliver import deliver

Act = Callable[[Sending], None]
_NAME = text("SELECT name FROM tallyman_test.stripe_customers WHERE id = :id")


@dataclass
class Service:
    """A service with an action of each kind: `tell` what happened, `show` how a customer is."""

    sent: list[tuple[Sending, Any]] = field(default_factory=list)
    act: Act = lambda _: None
    before: Act = lambda _: None
    on: bool = True
    remembers: timedelta | None = None

    def target(self) -> Target:
        """Return it as the pipeline sees it."""
        actions = {
            "tell": Action(send=self._send, read=self._read, remembers=self.remembers),
            "show": Action(send=self._send, read=self._name),
        }
        return Target(name="loops", actions=actions, on=lambda: self.on)

    def _read(self, _session: Any, sending: Sending) -> None:
        self.before(sending)

    def _name(self, session: Any, sending: Sending) -> Any:
        self.before(sending)
        return session.execute(_NAME, {"id": sending.entity}).scalar_one_or_none()

    def _send(self, sending: Sending, known: Any) -> None:
        self.sent.append((sending, known))
        self.act(sending)

    def delivered(self) -> Mapping[str, int]:
        """Answer one bell; return the counts."""
        told = deliver(self.target(), POLICY)
        return {name.strip(): int(count) for name, count in re.findall(r"([a-z ]+)=(\d+)", told)}

    @property
    def names(self) -> list[Any]:
        """Return what was known at each call."""
        return [known for _, known in self.sent]


DUE = "UPDATE effects SET retry_at = now() - interval '1 s'"
EXPIRED = "UPDATE effects SET lease_until = now() - interval '1 s' WHERE lease_token IS NOT NULL"


def raising(error: Exception) -> Act:
    """Return what raises the error."""

    def act(_sending: Sending) -> None:
        raise error

    return act


def lost(sql: Any, loops: Service) -> None:
    """An attempt got through, and nobody marked it: its process ended. Its lease is over."""

    def end(_sending: Sending) -> None:
        raise SystemExit

    loops.act = end
    with pytest.raises(SystemExit):
        loops.delivered()
    loops.act = lambda _: None
    sql.execute(EXPIRED)
