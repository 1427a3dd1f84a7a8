"""Bodies without what is secret in them."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from integrations.errors import Unreadable
from integrations.schema import JSON, dump, parse

_ESCAPED = b"\\u00"  # how a body may spell what else is plain text


def rewritten(body: bytes, marks: Sequence[bytes], take_out: Callable[[JSON], None]) -> bytes:
    """Return the body without its secrets; the very same object where there are none.

    Only what holds a mark is parsed. What cannot be is returned as it is.
    """
    if not any(mark in body for mark in (*marks, _ESCAPED)):
        return body
    try:
        told = parse(body)
    except Unreadable:
        return body
    before = dump(told)
    take_out(told)
    after = dump(told)
    return body if after == before else after.encode()


def containers(value: Any) -> Iterator[Any]:
    """Yield every object and list, however deep; what the caller takes out is not gone into."""
    rest = [value]
    while rest:
        inner = rest.pop()
        yield inner
        inside = inner.values() if isinstance(inner, dict) else inner
        rest.extend(one for one in inside if isinstance(one, dict | list))
