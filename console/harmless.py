"""What of a body may be seen by everybody who may see the console: told by its name and its shape.

Nothing is harmless for being unknown: a word is, under a name whose words are of the service
(`status`, `currency`), and not elsewhere, where it may be what somebody is called.
"""

import re
from typing import Any

from telemetry import redact

_PERSONAL = re.compile(
    r"name|mail|phone|address|street|city|postal|zip|country|state$|line[12]|birth|bday|dob|gender|"
    r"(^|_)ip(_|$)|^age$|agent|avatar|image|photo|description|note|memo|comment|message|subject|"
    r"text|last4|iban|tax|vat|ssn|fingerprint|card|latitude|longitude|location|lat$|lng$|"
    r"user_?id$|distinct|person|contact|nickname|locale|timezone|secret|token|password|url|key$|"
    r"metadata|^\$set",
    re.IGNORECASE,
)
_WORDS = re.compile(
    r"event|event_?name|action|object|type|status|livemode|currency|api_version|interval|"
    r"collection_method|billing_reason|cancellation_reason|failure_code|error_code|decline_code|"
    r"usage_type|billing_scheme|proration_behavior|payment_status|mode",
    re.IGNORECASE,
)
_TIMES = re.compile(r"(^|_)(at|time|timestamp|date|created|updated|start|end|until|since|anchor)$")
_CAMEL_TIMES = re.compile(r"[a-z](At|Time|Timestamp|Date)$")
_AMOUNTS = re.compile(
    r"(^|_)(amount|balance|total|subtotal|price|cents|fee|net|quantity|size|count)(_|$)"
)
_WORD = re.compile(r"\$?[a-z][a-z0-9]{0,30}([._-][a-z0-9]{1,30}){0,6}|\d{4}-\d\d-\d\d[.\w]{0,20}")
_ID = re.compile(r"[a-z]{1,12}(_[a-z]{1,10})?_(?=[a-z0-9]*[A-Z])[A-Za-z0-9]{14,80}")  # cus_Nffr...
_OWN_ID = re.compile(
    r"[a-z]{1,12}(_[a-z]{1,10})?_[A-Za-z0-9]{1,80}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.+Z-]{4,24}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_KEY = re.compile(r"\$?[a-z_][A-Za-z0-9_]{0,39}")
_DIGITS = 7  # from so many on a number may be of a telephone, a person, or a place


def personal(name: str) -> bool:
    """Return whether what stands under a name is of a person, whatever its shape."""
    return bool(_PERSONAL.search(name)) and not _WORDS.fullmatch(name)


def key(name: str) -> bool:
    """Return whether a member's name may be shown: in a map by address or name it may not."""
    return bool(_KEY.fullmatch(name)) and sum(c.isdigit() for c in name) < _DIGITS


def value(given: Any, name: str) -> bool:
    """Return whether a value may be shown under a name that is not `personal`."""
    if given is None or isinstance(given, bool) or given in ("", {}, []):
        return True
    if isinstance(given, str):
        return _text(given, name) and redact(given) == given
    few = sum(c.isdigit() for c in str(given)) < _DIGITS
    return few or _time(name) or bool(_AMOUNTS.search(name))


def _text(given: str, name: str) -> bool:
    if _WORDS.fullmatch(name):
        return bool(_WORD.fullmatch(given))
    if name in {"id", "uuid"} and _OWN_ID.fullmatch(given):
        return True
    return bool(_ID.fullmatch(given) or _MOMENT.fullmatch(given)) or (
        _time(name) and bool(_DAY.fullmatch(given))
    )


def _time(name: str) -> bool:
    return bool(_TIMES.search(name) or _CAMEL_TIMES.search(name))
