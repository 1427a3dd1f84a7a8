"""The system beside a Loops of ours: what it is sent, and what is seen of it, once a second."""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import requests
from prometheus_client.parser import text_string_to_metric_families

from integrations.schema import JSON
from local.supervisor import Supervisor, running
from simulator import clerk, stripe
from simulator.loops_api import LoopsAPI, loops_api
from simulator.sender import Sender
from tallyman.system import System, system

PATIENCE = 180  # seconds; only a failure takes that long
STATES = ("closed", "half_open", "open")
_APPLIED = "SELECT count(*) FROM tallyman.events WHERE service = 'stripe' AND status = 'handled'"

Sample = dict[str, float]


@dataclass(frozen=True, slots=True)
class Run:
    """What runs."""

    made: System
    loops: LoopsAPI
    supervisor: Supervisor
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Return how long it has run."""
        return time.monotonic() - self.began

    def until(self, what: Callable[[], object]) -> None:
        """Wait until it holds, under supervision."""
        end = time.monotonic() + PATIENCE
        while not what():
            assert time.monotonic() < end, "it did not come true in time"
            self.supervisor.poll()
            time.sleep(0.05)

    def wait(self, seconds: float) -> None:
        """Wait until it has run so long."""
        self.until(lambda: self.seconds >= seconds)

    def sql(self, query: str) -> list[tuple[int | str, ...]]:
        """Return the rows of a query."""
        with psycopg.connect(self.made.variables["DATABASE_URL"]) as connection:
            return connection.execute(query.encode()).fetchall()

    def sample(self) -> Sample:
        """Return how it stands, mostly by its own /metrics."""
        seen = self._metrics()

        def of(*key: str) -> float:
            return seen.get(frozenset(key), 0)

        states = [of("tallyman_breaker_state", "loops", state) for state in STATES]
        return {
            "at": self.seconds,
            "applied": float(self.sql(_APPLIED)[0][0]),
            "oldest": of("tallyman_inbox_oldest_seconds", "stripe"),
            "waiting": of("tallyman_effects_unsettled", "loops", "waiting"),
            "breaker": float(states.index(1)) if 1 in states else 0,
            **{o: of("tallyman_calls_total", "loops", o) for o in ("ok", "transient", "deferred")},
        }

    def _metrics(self) -> dict[frozenset[str], float]:
        """Return what it says of itself, by the metric's name and the values of its labels."""
        text = requests.get(f"{self.made.receiver}/metrics", timeout=10).text
        return {
            frozenset((sample.name, *sample.labels.values())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }


@contextmanager
def whole() -> Iterator[Run]:
    """Run the system, with its settings as they are, on stores of its own."""
    with tempfile.TemporaryDirectory(prefix="tallyman-bench-") as logs, loops_api() as loops:
        given = {"LOOPS_API_KEY": "loopback", "LOOPS_API_BASE": loops.url}
        with system(None, given | {"DATABASE_SCHEMA": "tallyman"}, alone=True) as made:
            programs = [
                program for program in made.programs if program.name not in {"flower", "console"}
            ]
            with running(programs, Path(logs)) as supervisor:
                _warm_up(Run(made, loops, supervisor))
                yield Run(made, loops, supervisor)


def _warm_up(run: Run) -> None:
    """Wait until the first events went all the way: one of Stripe's, and a first user."""
    run.until(lambda: _ready(run.made.receiver))
    now = int(time.time())
    _sender(run, "stripe").send(subscription(-1, now))
    _sender(run, "clerk").send(user(-1, now), event_id="msg_clerk_first")
    run.until(lambda: run.sql(_APPLIED) == [(1,)] and run.loops.contacts)


def _sender(run: Run, service: str) -> Sender:
    secret = run.made.variables[f"{service.upper()}_WEBHOOK_SECRETS"]
    return Sender(run.made.receiver, service, secret)


def _ready(receiver: str) -> bool:
    try:
        return requests.get(f"{receiver}/readyz", timeout=5).ok
    except requests.RequestException:
        return False


Make = Callable[[int, int], JSON]
"""(number, Unix seconds) -> event"""


@contextmanager
def sent(run: Run, service: str, rate: float, make: Make) -> Iterator[list[int]]:
    """Send so many events a second meanwhile; give the answers' statuses, which grow."""
    sender, answers = _sender(run, service), list[int]()
    stopped, began = threading.Event(), time.monotonic()

    def send() -> None:
        while not stopped.wait(max(0, began + len(answers) / rate - time.monotonic())):
            number = len(answers)
            event = make(number, int(time.time()))
            answers.append(sender.send(event, event_id=f"msg_{service}_{number}").status_code)

    thread = threading.Thread(target=send, name=service)
    thread.start()
    try:
        yield answers
    finally:
        stopped.set()
        thread.join()


def user(number: int, now: int) -> JSON:
    """Return that somebody signs up, which Loops is to be told."""
    address = clerk.ADDRESS | {"email_address": f"person{number}@example.com"}
    made = clerk.user(now * 1000, id=f"user_{number}", email_addresses=[address])
    return clerk.event("user.created", made, now * 1000)


def subscription(number: int, now: int) -> JSON:
    """Return that one of a hundred subscriptions changes."""
    made = stripe.subscription(now, id=f"sub_{number % 100}")
    return stripe.event("customer.subscription.updated", made, now, f"evt_{number}")
