"""The ways in which a body may have been written before somebody on the way rewrote it.

The sender of a refused request is anybody, so each way has a bound: nested deeply, a small body
would be indented to hundreds of megabytes.
"""

import json
import re
from collections.abc import Callable, Iterator
from itertools import accumulate

LARGEST = 32_768  # bytes of a body that is written anew: parsing it takes about a millisecond
LONGEST = 131_072  # characters of what an indented one may become
DEEPEST = 30  # objects in lists in objects; what services send has less than ten

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)  # one that does not end goes on to the end
_LEVELS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def trimmed(body: bytes) -> Iterator[bytes]:
    """Yield the body without what may have been put around it, and with other line ends."""
    bare = body.removeprefix(b"\xef\xbb\xbf").strip()
    for lines in dict.fromkeys((bare, bare.replace(b"\r\n", b"\n"))):
        yield lines
        yield lines + b"\n"


def reencoded(body: bytes) -> Iterator[bytes]:
    """Yield the same JSON as others write it, nothing of what is none, or large, or deep."""
    if len(body) > LARGEST or _depth(body) > DEEPEST:
        return
    try:
        value = json.loads(body)
        yield from (written.encode() for way in _WAYS if (written := way(value)))
    except (ValueError, RecursionError):  # no JSON, or surrogates that are no text
        return


def _depth(body: bytes) -> int:
    """Return how many levels a body has, counted without parsing it."""
    steps = (_LEVELS.get(byte, 0) for byte in _STRING.sub(b"", body))
    return max(accumulate(steps), default=0)


def _indented(value: object, *, ascii_only: bool) -> str:
    """Return the value as people read it, '' where that grows too long."""
    parts, length = [], 0
    for part in json.JSONEncoder(indent=2, ensure_ascii=ascii_only).iterencode(value):
        length += len(part)
        if length > LONGEST:
            return ""
        parts.append(part)
    return "".join(parts)


_WAYS: tuple[Callable[[object], str], ...] = (
    lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False),
    lambda value: json.dumps(value, separators=(",", ":")),
    lambda value: _indented(value, ascii_only=False),
    lambda value: _indented(value, ascii_only=True),
    json.dumps,
    lambda value: json.dumps(value, ensure_ascii=False),
)
