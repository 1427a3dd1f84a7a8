"""The rehearsal, top to bottom: what happens to thousands of customers, and what is left of it."""

import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rehearsal.by_hand import edits
from rehearsal.compare import compare
from rehearsal.report import Result
from rehearsal.told import JSON, Told, services
from rehearsal.whole import SCHEMA, Command, Whole, whole

Say = Callable[[str], object]
Words = tuple[str, ...]
SERVICES = ("stripe", "clerk")
_COME = "SELECT coalesce(sum(there), 0) FROM tallyman.sync_runs WHERE kind = 'backfill'"
_FETCHED = "SELECT coalesce(sum(fetched), 0)::int FROM tallyman.sync_runs WHERE kind = 'catch_up'"
_BEGUN = "SELECT count(*) FROM tallyman.sync_runs WHERE name = 'events' AND status = 'complete'"
_LONG_AGO = "UPDATE tallyman.sync_runs SET started_at = started_at - interval '1 hour'"
_TOLD_AFTER = 65  # seconds: younger events are taken to be on their way
_TRIES = 5  # of a run that the services cut short
_MIDDLE = 0.1  # share of all objects after which the backfill is killed
_SLOW = 0.1  # seconds of an API's answer until then, where there are few


class NotDoneError(Exception):
    """A command of ours failed, or a thing that must come in between did not."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How many customers, how their lives are thrown, and how badly the services behave.

    `behind`: by how many seconds the services' clocks are, so that a test need not wait until
    their log tells of the last minute.
    """

    customers: int
    seed: int
    drop: float
    repeat: float
    throttle: float
    behind: int = 0


def rehearse(asked: Asked, say: Say) -> Result:
    """Run it all. Raises NotDoneError, or TimeoutError for what never comes true."""
    with services(asked.customers, asked.seed, asked.behind) as told:
        before = told("before")
        say(f"before anybody listened: {before['objects']:,} objects")
        with whole(told("settings")) as system, tempfile.TemporaryDirectory() as folder:
            say("the system runs")
            return _Play(asked, system, told, say).all(before["objects"], Path(folder))


@dataclass(frozen=True, slots=True)
class _Play:
    asked: Asked
    system: Whole
    told: Told
    say: Say

    def all(self, before: int, folder: Path) -> Result:
        """Do it all, in order."""
        self._first_run()
        self._backfill_killed(int(before * _MIDDLE))
        lived = self._live()
        sent = self._sent()
        self._catch_up(lived)
        self._by_hand()
        self._reconcile()
        self.say(self._ran("sync", "status"))
        self.system.until(self.system.settled)
        self.told("dump", folder=str(folder))
        (fetched,) = self.system.sql(_FETCHED)[0]
        outcome = compare(folder, self.system.made.variables["DATABASE_URL"], SCHEMA)
        return Result(outcome, int(sent["dropped"]), fetched)

    def _first_run(self) -> None:
        """Wait until beat had it look at the log: what was before that is the backfill's."""
        self.system.until(lambda: self.system.sql(_BEGUN) == [(1,)])
        if self.asked.behind:
            self.system.sql(_LONG_AGO)

    def _backfill_killed(self, middle: int) -> None:
        """Kill the backfill when it has brought so many, and before it has brought all."""
        slow = _SLOW if self.asked.customers < 1000 else 0
        self.told("turn", slow=slow, throttle=self.asked.throttle)
        command = self.system.tallyman("sync", "backfill", "stripe")
        self.system.until(lambda: command.ended() or self._come() >= middle)
        command.process.kill()
        printed = f"{command.process.wait()}\n{command.complaints()}"
        if command.process.returncode != -signal.SIGKILL:
            raise NotDoneError(f"the backfill ended before it could be killed: {printed}")
        self.told("turn", slow=0)
        self.say(f"backfill of stripe killed (-9) after {self._come():,} objects")

    def _come(self) -> int:
        return int(self.system.sql(_COME)[0][0])

    def _live(self) -> float:
        """Have all live while Clerk's backfill runs; return when that was over."""
        everything = 10 * self.asked.customers + 1000
        dials = {"drop": self.asked.drop, "repeat": self.asked.repeat, "reorder": everything}
        self.told("turn", **dials)
        self.told.begin("live")
        self._ran("sync", "backfill", "clerk")
        lived = self._answer()
        self.say(f"lived: {lived['objects']:,} objects now, {lived['gone']:,} deleted")
        return time.monotonic()

    def _sent(self) -> JSON:
        """Send the webhooks while Stripe's backfill goes on; return how many, and how many not."""
        self.told.begin("send", receiver=self.system.made.receiver)
        self._ran("sync", "backfill", "stripe")
        self.say(f"backfill of stripe resumed, and complete after {self._come():,} objects")
        sent = self._answer()
        self.say(f"webhooks: {_listed(sent)}")
        self.system.until(self.system.settled)
        self.say("all that came is applied")
        return sent

    def _catch_up(self, lived: float) -> None:
        over = lived + _TOLD_AFTER - self.asked.behind
        self.system.until(lambda: time.monotonic() > over)
        self._side_by_side([("sync", "run", service) for service in SERVICES])
        self.system.until(self.system.settled)
        self.say("caught up")

    def _by_hand(self) -> None:
        for statement in edits(self.asked.customers):
            self.system.sql(statement)
        unseen = self.told("unseen")["unseen"]
        self.say(f"rows changed and deleted by hand; there {unseen:,} changes without an event")

    def _reconcile(self) -> None:
        calls = [("reconcile", service, "--apply") for service in SERVICES]
        for printed in self._side_by_side(calls):
            self.say(printed)

    def _answer(self) -> JSON:
        self.system.until(self.told.answered)
        return self.told.answer()

    def _ran(self, *words: str) -> str:
        """Return what the command printed. Raises NotDoneError."""
        return self._side_by_side([words])[0]

    def _side_by_side(self, calls: Sequence[Words]) -> list[str]:
        """Return what the commands printed, each after its name. Raises NotDoneError."""
        begun = [self.system.tallyman(*words) for words in calls]
        self.system.until(lambda: all(command.ended() for command in begun))
        return [self._printed(*pair) for pair in zip(calls, begun, strict=True)]

    def _printed(self, words: Words, command: Command) -> str:
        """Return what a command printed in the end: what is cut short goes on."""
        name = f"tallyman {' '.join(words)}"
        for _ in range(_TRIES):
            printed = command.said()
            if command.process.returncode == 0:
                return f"{name}\n{printed}"
            why = (printed + command.complaints())[-3000:]
            self.say(f"{name} did not come to its end, and goes on:\n{why}")
            command = self.system.tallyman(*words)
            self.system.until(command.ended)
        raise NotDoneError(f"{name} never came to its end")


def _listed(counts: JSON) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())
