"""The gate: the one way through for every call."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from integrations.errors import Blocked, Transient
from integrations.outbound import dates
from integrations.outbound.call import Call, Reply
from integrations.outbound.deadline import ends_within
from integrations.outbound.judging import failure, held_for, transient
from integrations.outbound.keeper import Finding, Health, Permission, Question
from integrations.outbound.keepers import KEEPERS
from integrations.outbound.limits import limits
from integrations.outbound.line import request_id
from settings import settings
from telemetry import log, traces

PATIENCE = 0.2  # seconds: a shorter wait is waited for, a longer one makes room for others
_BEYOND = 2  # seconds that a call has beyond its timeouts
_SPARE = 5  # seconds by which a probe's lease outlives its call

Native = TypeVar("Native")
_log = log(__name__)


def timeouts() -> tuple[float, float]:
    """Return the seconds that a connection may take, and silence during a call."""
    return settings().outbound.call_connect_seconds, settings().outbound.call_read_seconds


def deadline() -> float:
    """Return the seconds after which a call is cut off, whatever came of it by then.

    A task ends in time though its last call began at the end of its slice.
    """
    inbox = settings().inbox
    return min(sum(timeouts()) + _BEYOND, inbox.hard_limit_seconds - inbox.time_slice_seconds - 1)


def through(call: Call, send: Callable[[], Reply[Native]]) -> Native:
    """Return what was answered, if trying again cannot change it.

    `send` raises Transient if no whole answer came. Raises that, Transient for an answer that may
    change, and Blocked if nothing was sent.
    """
    passage = _let_in(call)
    try:
        time.sleep(passage.wait)
        with traces.within(str(call), "http.client", {"service": call.service}):
            reply = _in_time(call, send)
        error = passage.judge(reply)
    except Transient as cut:
        passage.end("sick", "transient", error=str(cut))
        raise
    except BaseException as ours:  # we are stopped, or it is a mistake of ours
        passage.end("unknown", "ours", error=type(ours).__name__)
        raise
    passage.answered(reply, error)
    if error:
        raise error
    return reply.native


def _in_time(call: Call, send: Callable[[], Reply[Native]]) -> Reply[Native]:
    """Send. Raises Transient too if time was up: then a body without a length only seems whole."""
    with ends_within(deadline()) as end:
        reply = send()
    if end.over:
        raise Transient(f"{call}: no whole answer in time", unknown=True)
    return reply


@dataclass(frozen=True, slots=True)
class _Passage:
    """A call on its way."""

    call: Call
    question: Question
    wait: float
    probe: bool
    began: float = field(default_factory=time.monotonic)

    def judge(self, reply: Reply[Native]) -> Transient | None:
        """Return the error that an answer is, if trying again may change it."""
        if reply.status in self.call.fine or not transient(reply.status):
            return None
        return failure(str(self.call), reply.status, reply.headers, datetime.now(UTC))

    def answered(self, reply: Reply[Native], error: Transient | None) -> None:
        """Take an answer down."""
        status = reply.status
        dates.heard(self.call.service, reply.headers)
        told: dict[str, Any] = {"status": status, "request_id": request_id(reply.headers)}
        if error is None:
            fine = status < 400 or status in self.call.fine
            self.end("well", "ok" if fine else "permanent", **told)
            return
        hold = held_for(status, error.retry_after)
        self.end("sick" if status >= 500 else "well", "transient", hold=hold, **told)

    def end(self, health: Health, outcome: str, *, hold: float = 0, **told: Any) -> None:
        """Take down what came of the call."""
        seconds = time.monotonic() - self.began
        found = Finding(health=health, outcome=outcome, seconds=seconds, hold=hold)
        change = KEEPERS.ask(lambda keeper: keeper.settle(self.question, found))
        probe = True if self.probe else None
        self.call.tell(outcome, ms=round(seconds * 1000), probe=probe, **told)
        if change:
            _log.warning("breaker", service=self.call.service, change=change)


def _let_in(call: Call) -> _Passage:
    question = _question(call)
    permission = KEEPERS.ask(lambda keeper: keeper.admit(question))
    if not permission.granted:
        raise _blocked(call, permission)
    return _Passage(call, question, permission.wait, permission.reason == "probe")


def _question(call: Call) -> Question:
    shape = settings().outbound
    return Question(
        service=call.service,
        operation=call.operation,
        token=secrets.token_hex(8),
        limits=limits(call.service),
        failures=shape.breaker_failures,
        open=shape.breaker_open_seconds,
        lease=deadline() + _SPARE,
        patience=PATIENCE,
    )


def _blocked(call: Call, permission: Permission) -> Blocked:
    call.tell("deferred", reason=permission.reason, wait=round(permission.wait, 3))
    return Blocked(f"{call.service} is not called now: {permission.reason}", wait=permission.wait)
