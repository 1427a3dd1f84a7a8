"""Remembers for this process alone, while Redis is away. It follows the scripts step by step."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from integrations.outbound.keeper import (
    Change,
    Finding,
    Lately,
    Permission,
    Question,
    Standing,
    State,
)


@dataclass(slots=True)
class _Service:
    """Times are those of the clock, in seconds."""

    failures: int = 0
    open_until: float = 0
    probe: str = ""
    probe_until: float = 0
    hold_until: float = 0
    paced: dict[str, float] = field(default_factory=dict)


class Alone:
    """What this process knows."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._services: defaultdict[str, _Service] = defaultdict(_Service)
        self._lock = threading.Lock()

    def admit(self, question: Question) -> Permission:
        """Return whether the call may be made, having counted it if so."""
        with self._lock:
            service, now = self._services[question.service], self._clock()
            tripped = service.failures >= question.failures
            if tripped and service.open_until > now:
                return Permission(False, "open", service.open_until - now)
            if tripped and service.probe_until > now:
                return Permission(False, "probing", service.probe_until - now)
            if (hold := service.hold_until - now) > question.patience:
                return Permission(False, "retry_after", hold)
            return _paced(service, question, max(hold, 0.0), now, tripped=tripped)

    def settle(self, question: Question, finding: Finding) -> Change:
        """Take down what came of it; return what that changed in the breaker."""
        with self._lock:
            service, now = self._services[question.service], self._clock()
            service.hold_until = max(service.hold_until, now + finding.hold)
            tripped = service.failures >= question.failures
            probe = service.probe_until > now and service.probe == question.token
            if tripped and not probe:
                return ""
            service.probe_until = 0
            if finding.health == "sick":
                return _sick(service, question, now, tripped=tripped)
            if finding.health == "well":
                service.failures = 0
                return "closed" if tripped else ""
            return ""

    def standing(self, service: str, failures: int) -> Standing:
        """Return how the service stands."""
        with self._lock:
            found, now = self._services[service], self._clock()
            tripped, until = found.failures >= failures, found.open_until
            state: State = "closed" if not tripped else "open" if until > now else "half_open"
            return Standing(state, found.failures, max(until, found.hold_until, now) - now)

    def calls(self) -> Mapping[tuple[str, str], tuple[int, float]]:
        """Return nothing: what one process counts says little."""
        return {}

    def buckets(self) -> Mapping[tuple[str, str], Mapping[str, int]]:
        """Return nothing, as `calls`."""
        return {}

    def lately(self, minutes: int) -> Lately:  # noqa: ARG002  the shape of all keepers
        """Return nothing, as `calls`."""
        return Lately()


def _paced(
    service: _Service, question: Question, wait: float, now: float, *, tripped: bool
) -> Permission:
    paced = {}
    for number, limit in enumerate(question.limits):
        key = f"{number} {question.operation if limit.each_operation else ''}"
        paced[key] = max(service.paced.get(key, 0), now) + 1 / limit.rate
        wait = max(wait, paced[key] - now - limit.burst / limit.rate)
    if wait > question.patience:
        return Permission(False, "limit", wait)
    service.paced |= paced
    if tripped:
        service.probe, service.probe_until = question.token, now + question.lease
    return Permission(True, "probe" if tripped else "", wait)


def _sick(service: _Service, question: Question, now: float, *, tripped: bool) -> Change:
    service.failures += 1
    if service.failures < question.failures:
        return ""
    service.open_until = now + question.open
    return "reopened" if tripped else "opened"
