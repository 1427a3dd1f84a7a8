"""What is told of an error: its class, and the status that a service answered; nothing else."""

import re

_STATUS = re.compile(r" answered ([45]\d\d)\b")
_NONE = "no error told"

CLASS = (
    f"coalesce(nullif(split_part(error, ':', 1), ''), '{_NONE}')"
    " || coalesce(' ' || substring(error FROM ' answered ([45]\\d\\d)\\M'), '')"
)
"""The same in SQL, of a column `error`."""


def class_of(error: str) -> str:
    """Return `Transient 503` of an error as the ledger keeps it."""
    status = _STATUS.search(error)
    return (error.partition(":")[0] or _NONE) + (f" {status[1]}" if status else "")
