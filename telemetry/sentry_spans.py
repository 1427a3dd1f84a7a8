"""Spans for Sentry: a transaction each, as those of one trace are in several processes."""

import random
from typing import Any

import sentry_sdk
from sentry_sdk.tracing import Transaction

from telemetry.traces import Attributes, parts


class _Span:
    def __init__(self, transaction: Transaction, attributes: Attributes) -> None:
        self._transaction = transaction
        for name, value in attributes.items():
            transaction.set_data(name, value)

    @property
    def header(self) -> str:
        return f"00-{self._transaction.trace_id}-{self._transaction.span_id}-01"

    def end(self, *, at: float | None = None, failed: bool = False) -> None:
        self._transaction.set_status("internal_error" if failed else "ok")
        self._transaction.finish(end_timestamp=at)


class Spans:
    """Begins spans: that share of all that begin a trace, and what follows on a kept one."""

    def __init__(self, rate: float) -> None:
        self._rate = rate

    def __call__(
        self, name: str, op: str, parent: str, at: float | None, attributes: Attributes
    ) -> _Span | None:
        """Begin a span, as a transaction."""
        above = parts(parent)
        if not (above[2] if above else random.random() < self._rate):
            return None
        place: Any = {"trace_id": above[0], "parent_span_id": above[1]} if above else {}
        begun = sentry_sdk.start_transaction(
            name=name,
            op=op,
            sampled=True,
            start_timestamp=at,
            **place,
        )
        return _Span(begun, attributes) if isinstance(begun, Transaction) else None
