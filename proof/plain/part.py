"""The comparison with a plain Celery pipeline as a part of the proof."""

from collections.abc import Iterator, Sequence

from proof.context import Context
from proof.plain.run import prove
from proof.report import Part


def parts(context: Context, _services: Sequence[str]) -> Iterator[Part]:
    """Yield the one part."""
    yield prove(context)
