"""A Sentry that keeps in memory what it is sent, and sees to it that nothing of it stays."""

import json
import logging
from contextlib import contextmanager
from typing import Any

import structlog

import telemetry
from settings import settings
from telemetry import monitors, traces


class Envelopes:
    """What was sent: the items of all envelopes, as Sentry would read them."""

    def __init__(self):
        from sentry_sdk.transport import Transport

        kept: list[tuple[str, Any]] = []
        self.items = kept

        class Capturing(Transport):
            def capture_envelope(self, envelope):
                kept.extend((item.type, json.loads(item.get_bytes())) for item in envelope.items)

        self.transport = Capturing

    def of(self, kind):
        """Return the items of that kind: event, transaction or check_in."""
        return [item for type, item in self.items if type == kind]

    def text(self):
        """Return all that was sent, to look for what must not be in it."""
        return json.dumps(self.items)


@contextmanager
def sentry(**given):
    """Report to such a Sentry; give its envelopes."""
    import sentry_sdk

    from telemetry import sentry as reporting

    found = Envelopes()
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    telemetry.configure()  # the logs as production has them
    telling = {"sentry_dsn": "http://key@127.0.0.1/1", "sentry_monitors": "none"} | given
    shape = type(settings().telemetry).model_validate(telling)
    reporting.start(shape, transport=found.transport)
    try:
        yield found
    finally:
        root.handlers, root.level = before, level
        sentry_sdk.get_client().close(timeout=0)
        sentry_sdk.get_global_scope().set_client(None)
        traces.kept_by(None)
        monitors.watched_by(None)
        structlog.contextvars.clear_contextvars()
