"""What all kills share: the running stack with its senders, and the wait until all is settled."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

import psycopg
from redis.exceptions import RedisError

from proof import checker
from proof.checker import Seen
from proof.context import Context
from proof.kills.told import Told, told
from proof.load import Journal, Senders, event, send
from proof.report import Finding
from proof.stack import SCHEMA, Stack, stack
from simulator.sender import Sender


@dataclass
class Ground:
    """A running system, the journal of what was sent to it, and what was noticed so far."""

    stack: Stack
    context: Context
    told: Told = field(default_factory=lambda: Told(0))
    journal: Journal = field(default_factory=Journal)
    kills: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    patience: float = 60  # seconds: what takes longer did not recover
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def seen(self) -> Seen:
        """Return where the checker looks."""
        variables = self.stack.variables
        return Seen(variables["DATABASE_URL"], variables["REDIS_URL"], SCHEMA)

    @property
    def secret(self) -> str:
        """Return what Stripe's events are signed with."""
        return self.stack.variables["STRIPE_WEBHOOK_SECRETS"]

    def sender(self) -> Sender:
        """Return a sender for this thread."""
        return Sender(self.stack.system.receiver, "stripe", self.secret)

    def found(self, kind: str, what: str) -> None:
        """Enter a finding, and say it."""
        self.findings.append(Finding(kind, what))
        self.context.say(f"  FOUND {kind}: {what}")

    def post(self, how_many: int, do: str = "") -> list[str]:
        """Send so many events, each of an object of its own; return the ids that were accepted."""
        sender, accepted = self.sender(), []
        for number in (next(self.numbers) for _ in range(how_many)):
            body = event(f"p{number}", 1, do)
            if send(sender, self.journal, body):
                accepted.append(body["id"])
        return accepted

    def post_one(self, do: str) -> str:
        """Send one event until it is accepted; return its id."""
        body = event(f"p{next(self.numbers)}", 1, do)
        sender = self.sender()
        self.stack.until(lambda: send(sender, self.journal, body), self.patience)
        return str(body["id"])

    def settled(self) -> bool:
        """Return whether nothing is on its way any more."""
        try:
            return checker.unsettled(self.seen) == 0
        except (psycopg.Error, RedisError):
            return False

    def status(self, id: str) -> str | None:
        """Return how an event stands in the ledger, None where it does not or nobody answers."""
        try:
            rows = self.stack.sql(f"SELECT status FROM {SCHEMA}.events WHERE event_id = %s", id)
        except psycopg.Error:
            return None
        return rows[0][0] if rows else None

    def first_event(self) -> float | None:
        """Return the seconds until a new event is accepted and handled, None for never."""
        body = event(f"probe{next(self.numbers)}", 1)
        sender = self.sender()

        def handled() -> bool:
            known = body["id"] in self.journal.accepted
            known = known or send(sender, self.journal, body)
            return known and self.status(body["id"]) == "handled"

        return self.stack.until(handled, self.patience)

    def recovered(self) -> float | None:
        """Return the seconds until all is settled, None if that takes too long."""
        return self.stack.until(self.settled, self.patience)

    def calm(self) -> None:
        """Wait until nothing is in hand, where it matters what is when a process ends."""
        if self.recovered() is None:
            self.found("no recovery", "from what was killed before")


@contextmanager
def ground(context: Context, env: Mapping[str, str] | None = None) -> Iterator[Ground]:
    """Run a system to kill."""
    with told() as loops, stack(env=env, more=loops.settings()) as running:
        yield Ground(running, context, loops)


@contextmanager
def under_load(ground: Ground, name: str, senders: int, pause: float) -> Iterator[Senders]:
    """Send meanwhile. The pause is in seconds, of each sender."""
    seed = f"{name}{next(ground.numbers)}"
    sending = Senders(ground.stack.system.receiver, ground.secret, ground.journal, seed)
    sending.pause = pause
    sending.start(senders)
    try:
        yield sending
    finally:
        sending.stop()
