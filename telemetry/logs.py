"""Structured logs: one form for our lines and those of libraries, with what the work is about."""

import logging
import sys
from collections.abc import MutableMapping
from contextlib import AbstractContextManager
from typing import Any

import structlog

from settings import Telemetry
from telemetry.redaction import scrub

# libraries whose finer levels tell bodies, keys and addresses, whatever LOG_LEVEL is
_CALLING = [
    *("botocore", "boto3", "s3transfer", "urllib3"),
    *("httpx", "httpcore", "cloudflare", "posthog", "stripe", "authlib"),
]
_STAMPS = (
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def configure(shape: Telemetry) -> None:
    """Set up the logs of this process."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(shape))
    logging.basicConfig(handlers=[handler], level=shape.log_level, force=True)
    for name in _CALLING:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            *_STAMPS,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _formatter(shape: Telemetry) -> logging.Formatter:
    console = shape.log_format == "console"
    last: Any = (
        structlog.dev.ConsoleRenderer(colors=False)
        if console
        else structlog.processors.JSONRenderer()
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.contextvars.merge_contextvars, *_STAMPS],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,  # plain text: no frame locals
            _redact_entry,
            last,
        ],
    )


def _redact_entry(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> dict[str, Any]:
    return {k: v if k.startswith("_") else scrub({k: v})[k] for k, v in entry.items()}


def log(name: str) -> structlog.stdlib.BoundLogger:
    """Return a structured logger: `log.info("drained", service="stripe", handled=3)`."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def bound(**what: object) -> AbstractContextManager[None]:
    """Have every line in this block say what it is about, a library's and a handler's lines too."""
    known = {name: value for name, value in what.items() if value not in (None, "")}
    return structlog.contextvars.bound_contextvars(**known)
