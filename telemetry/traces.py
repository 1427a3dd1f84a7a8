"""Spans: how long what took, from the POST to the commit. For Sentry, or for OpenTelemetry.

Nothing is traced by itself: a library's own spans would tell queries and addresses. Where tracing
is off a span is None, and costs a look at a variable. An exporter that fails costs no work: the
span is then None too, and the log says so once.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

from telemetry.logs import log
from telemetry.redaction import describe

_log = log(__name__)
Attributes = Mapping[str, Any]
"""Of text and numbers."""


class Span(Protocol):
    """One that has begun. `header` names it for those behind it: a W3C traceparent."""

    @property
    def header(self) -> str:
        """Return the header."""

    def end(self, *, at: float | None = None, failed: bool = False) -> None:
        """End it now, or at that time, in seconds since 1970."""


class Begin(Protocol):
    """Begins spans; None for one that is not among those that are kept."""

    def __call__(
        self, name: str, op: str, parent: str, at: float | None, attributes: Attributes
    ) -> Span | None:
        """Begin a span, now or at that time; `parent` is the header of the one before it."""


class _Kept:
    begin: Begin | None = None
    failed = False


class _Safe:
    """A span whose end raises nothing."""

    def __init__(self, span: Span) -> None:
        self._span, self.header = span, span.header

    def end(self, *, at: float | None = None, failed: bool = False) -> None:
        try:
            self._span.end(at=at, failed=failed)
        except Exception as error:  # noqa: BLE001  see begin
            _failed(error)


def _failed(error: Exception) -> None:
    if not _Kept.failed:
        _Kept.failed = True
        _log.error("traces.failed", error=describe(error))


_current: ContextVar[str] = ContextVar("span", default="")


def kept_by(begin: Begin | None) -> None:
    """Have spans begun like this from now on; None: have none."""
    _Kept.begin, _Kept.failed = begin, False


def beginning() -> Begin | None:
    """Return how spans are begun."""
    return _Kept.begin


def begin(
    name: str,
    op: str,
    attributes: Attributes,
    *,
    parent: str = "",
    at: float | None = None,
) -> Span | None:
    """Begin a span that somebody will end, None where nobody wants it, or it cannot be told."""
    if _Kept.begin is None:
        return None
    try:
        begun = _Kept.begin(name, op, parent, at, attributes)
        return _Safe(begun) if begun else None
    except Exception as error:  # noqa: BLE001  whatever it is: a delivery is worth more than a span
        _failed(error)
        return None


@contextmanager
def span(name: str, op: str, attributes: Attributes) -> Iterator[None]:
    """Trace this block: below the span that it stands in, or as the beginning of a trace."""
    opened = begin(name, op, attributes, parent=_current.get())
    if opened is None:
        yield
        return
    token, failed = _current.set(opened.header), True
    try:
        yield
        failed = False
    finally:
        _current.reset(token)
        opened.end(failed=failed)


@contextmanager
def within(name: str, op: str, attributes: Attributes) -> Iterator[None]:
    """Trace this block if it stands in a span."""
    if _current.get():
        with span(name, op, attributes):
            yield
    else:
        yield


def parts(header: str) -> tuple[str, str, bool] | None:
    """Return (trace, span, whether it is kept) of a traceparent, None of anything else.

    https://www.w3.org/TR/trace-context/#traceparent-header
    """
    version, _, rest = header.partition("-")
    found = rest.split("-")
    if version != "00" or [len(part) for part in found] != [32, 16, 2]:
        return None
    return found[0], found[1], found[2][-1] in "13579bdf"  # the last bit of the flags
