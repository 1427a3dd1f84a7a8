"""What the gate remembers, wherever that is: how often a service was called, and how it did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from integrations.outbound.limits import Limit

State = Literal["closed", "open", "half_open"]
Health = Literal["well", "sick", "unknown"]
Change = Literal["", "opened", "reopened", "closed"]
Reason = Literal["", "probe", "open", "probing", "retry_after", "limit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """May we call? `token` names the call. All times are in seconds.

    The breaker opens at so many `failures` in a row, for `open`; then one call probes, and if
    nothing is heard of it for `lease`, another does. A wait up to `patience` is waited for.
    """

    service: str
    operation: str
    token: str
    limits: tuple[Limit, ...]
    failures: int
    open: float
    lease: float
    patience: float


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether we may call: then in `wait` seconds; if not, not before these have passed."""

    granted: bool
    reason: Reason
    wait: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What came of a call: its outcome, how long it took, for how long nobody shall call."""

    health: Health
    outcome: str
    seconds: float = 0
    hold: float = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """How a service stands: its breaker, the failures in a row, until when nobody calls.

    `seconds` is how long that still takes, whether the breaker says so or the service did; `since`
    is when the breaker opened, None where it is closed or nobody knows.
    """

    state: State
    failures: int
    seconds: float
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lately:
    """What came of the calls of the last minutes, by (service, outcome).

    `minutes` holds how many in each, by the time at which it began; `last` when it last came to
    that. An outcome is one of `calls`, or `deferred:` with the reason.
    """

    minutes: Mapping[tuple[str, str], Mapping[datetime, int]] = field(default_factory=dict)
    last: Mapping[tuple[str, str], datetime] = field(default_factory=dict)


class Keeper(Protocol):
    """Remembers for all processes, or for one."""

    def admit(self, question: Question) -> Permission:
        """Return whether the call may be made, having counted it if so."""

    def settle(self, question: Question, finding: Finding) -> Change:
        """Take down what came of it; return what that changed in the breaker."""

    def standing(self, service: str, failures: int) -> Standing:
        """Return how the service stands."""

    def calls(self) -> Mapping[tuple[str, str], tuple[int, float]]:
        """Return {(service, outcome): (calls, seconds they took)} since it began to count."""

    def buckets(self) -> Mapping[tuple[str, str], Mapping[str, int]]:
        """Return {(service, outcome): {bucket: calls}}, of the buckets of `durations`."""

    def lately(self, minutes: int) -> Lately:
        """Return what came of the calls of so many minutes, 120 at most."""
