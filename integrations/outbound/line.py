"""What the log tells of a call: never a body, a query, a key or an address of somebody."""

import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

# where services say by which id they know a request, the first that is there
_IDS = (
    "request-id",  # Stripe
    "x-clerk-trace-id",
    "x-amz-request-id",  # R2
    "cf-ray",  # Cloudflare
    "x-request-id",
    "x-vercel-id",  # Loops
)
_PLAIN = re.compile(r"[\w.~:-]{1,64}")  # an id or a word; an e-mail address has an @
_WORD = re.compile(r"v\d+|[a-z][a-z_.-]{0,30}")


def _segments(url: str) -> list[str]:
    return [unquote(segment) for segment in urlsplit(url).path.split("/")]


def shown(url: str) -> str:
    """Return the address' path, `*` for what is neither a word nor an id."""
    return "/".join(s if not s or _PLAIN.fullmatch(s) else "*" for s in _segments(url))


def operation(method: str, url: str) -> str:
    """Return a name for all calls that differ in ids only: `GET /v1/customers/*`."""
    path = "/".join(s if not s or _WORD.fullmatch(s) else "*" for s in _segments(url))
    return f"{method} {path}"


def request_id(headers: Mapping[str, str]) -> str | None:
    """Return what the service calls the request; the names of `headers` in any case."""
    found = {name.lower(): value for name, value in headers.items()}
    return next((found[name][:100] for name in _IDS if name in found), None)
