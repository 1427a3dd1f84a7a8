"""A call, what is answered to it, and the line that the log has for it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from telemetry import log

Native = TypeVar("Native")
_log = log(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call. `path` is what the log shows; `attempt` counts from 1, None where nobody knows.

    Answers with a status that is `fine` are no failures.
    """

    service: str
    operation: str
    method: str
    path: str
    attempt: int | None = None
    fine: Collection[int] = ()

    def __str__(self) -> str:
        return f"{self.service} {self.operation}"

    def tell(self, outcome: str, **rest: object) -> None:
        """Write its line; what is None or empty is left out."""
        said = {
            "service": self.service,
            "operation": self.operation,
            "method": self.method,
            "path": self.path,
            "attempt": self.attempt,
            "outcome": outcome,
            **rest,
        }
        _log.info(
            "call", **{name: value for name, value in said.items() if value not in (None, "")}
        )


@dataclass(frozen=True, slots=True)
class Reply(Generic[Native]):
    """What was answered, and the same as the caller's library has it."""

    status: int
    headers: Mapping[str, str]
    native: Native
