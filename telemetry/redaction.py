"""What must not be shown, taken out of what is: keys, signatures, passwords, addresses."""

import re
from collections.abc import Mapping
from typing import Any

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
# an id, as cus_N1; a number, a date or a hash; what was taken out
_ONE_OF_MANY = re.compile(r"[a-z]+_(?=\w*[A-Z\d])\w+|[\w.:-]*\d[\w.:-]*|\[redacted\]")


def redact(text: str, limit: int = 500) -> str:
    """Return the text without keys, signatures, passwords and e-mail addresses, cut at `limit`."""
    return _SECRET_VALUES.sub(REDACTED, text)[:limit]


def describe(error: BaseException) -> str:
    """Return an error as one redacted line, fit for the ledger and for logs.

    The first line of a database error names what is wrong; those behind it carry the parameters.
    """
    first = first_line(str(getattr(error, "orig", None) or error))
    sound = first.encode(errors="replace").decode().replace("\0", "?")  # Postgres refuses these
    return redact(f"{type(error).__name__}: {sound}" if sound else type(error).__name__)


def first_line(text: str) -> str:
    """Return the first line of a text."""
    return text.strip().split("\n", 1)[0]


def cause(described: str) -> str:
    """Return what a described error has in common with others of its kind.

    >>> cause("Permanent: there is no product prod_N1 since 2026-11-22")
    'Permanent: there is no product * since *'
    """
    return _ONE_OF_MANY.sub("*", first_line(described))[:200]


def scrub(value: Any) -> Any:
    """Return a value without what has a secret name or looks like a secret, at any depth."""
    if isinstance(value, str):
        return redact(value, limit=2000)
    if isinstance(value, Mapping):
        return {k: REDACTED if _SECRET_NAMES.search(str(k)) else scrub(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [scrub(v) for v in value]
    return value
