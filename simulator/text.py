"""JSON as the simulator has it."""

import json
from collections.abc import Callable
from typing import Any

JSON = dict[str, Any]

dump: Callable[[Any], str] = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
).encode
"""Canonical JSON: equal values give equal text."""


def read_object(content: bytes) -> JSON:
    """Return the object that it is, {} for nothing. Raises ValueError for all else."""
    read: JSON = json.loads(content or b"{}")
    if not isinstance(read, dict):
        raise ValueError("no JSON object")  # noqa: TRY004  as what is no JSON at all
    return read
