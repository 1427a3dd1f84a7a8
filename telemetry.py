"""Structured logs, redaction, metrics and Sentry, the same in every process."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog
from prometheus_client import Counter

from settings import Telemetry, settings

RECEIVED = Counter(
    "tallyman_receiver_requests_total",
    "Webhook requests by service and outcome: accepted, fallen_back, unavailable or a reason code",
    ["service", "outcome"],
)

# libraries whose finer levels tell bodies, keys and addresses, whatever LOG_LEVEL is
_CALLING = [
    *("botocore", "boto3", "s3transfer", "urllib3"),
    *("httpx", "httpcore", "cloudflare", "posthog", "stripe", "authlib"),
]

REDACTED = "[redacted]"
_SECRET_NAMES = re.compile(
    r"secret|token|password|authorization|cookie|signature|body|payload|email|api_key|dsn",
    re.IGNORECASE,
)
_SECRET_VALUES = re.compile(
    r"""(?:(?:[srp]k_live|[srp]k_test|whsec|phx|phc)_|xox[a-z]-)[\w+/=-]+   # keys
      | \b(?:[sr]k_|pk_(?=[\w+/=-]*[A-Z0-9]))[\w+/=-]+  # pk_stripe_customers is a constraint
      | v[01]a?[=,][A-Za-z0-9+/=]{16,}                          # webhook signatures
      | (?i:bearer|basic)\s+[\w.~+/=-]+
      | eyJ[\w-]+\.[\w-]+\.[\w-]*                             # JSON web tokens
      | (?i:password|secret|token)=[^\s&"']+
      | [\w.+%-]+(?:@|%40)[\w-]+\.[\w.-]+                       # e-mail addresses, in URLs too
      | (?<=://)[^\s/@:]*:[^\s/]+(?=@)                         # user:password in a URL
    """,
    re.VERBOSE,
)


def redact(text: str, limit: int = 500) -> str:
    """Return the text without keys, signatures, passwords and e-mail addresses, cut at `limit`."""
    return _SECRET_VALUES.sub(REDACTED, text)[:limit]


def describe(error: BaseException) -> str:
    """Return an error as one redacted line, fit for the ledger and for logs.

    The first line of a database error names what is wrong; those behind it carry the parameters.
    """
    first = str(getattr(error, "orig", None) or error).strip().split("\n", 1)[0]
    sound = first.encode(errors="replace").decode().replace("\0", "?")  # Postgres refuses these
    return redact(f"{type(error).__name__}: {sound}" if sound else type(error).__name__)


def _scrub(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value, limit=2000)
    if isinstance(value, Mapping):
        return {
            k: REDACTED if _SECRET_NAMES.search(str(k)) else _scrub(v) for k, v in value.items()
        }
    if isinstance(value, list | tuple):
        return [_scrub(v) for v in value]
    return value


def _redact_entry(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> dict[str, Any]:
    return {k: v if k.startswith("_") else _scrub({k: v})[k] for k, v in entry.items()}


def _before_send(event: Any, _hint: Any) -> Any:
    event.pop("request", None)  # bodies and headers of webhooks
    event.pop("extra", None)  # Celery's arguments
    return _scrub(event)


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


_STAMPS = (
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def configure() -> None:
    """Set up logs and, with a SENTRY_DSN, Sentry, for this process."""
    shape = settings().telemetry
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
    if dsn := shape.sentry_dsn.get_secret_value():
        _report_errors(dsn)


def _report_errors(dsn: str) -> None:
    # a second to import, for those who have a DSN
    import sentry_sdk  # noqa: PLC0415
    from sentry_sdk.integrations.celery import CeleryIntegration  # noqa: PLC0415

    sentry_sdk.init(
        dsn=dsn,
        send_default_pii=False,
        include_local_variables=False,  # locals hold payloads and keys
        max_request_body_size="never",
        before_send=_before_send,
        integrations=[CeleryIntegration()],
    )


def log(name: str) -> structlog.stdlib.BoundLogger:
    """Return a structured logger: `log.info("drained", service="stripe", handled=3)`."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger
