"""The soak as a part of the proof."""

from collections.abc import Iterator, Sequence

from proof.context import Context
from proof.report import Part
from proof.soak.run import prove


def parts(context: Context, _services: Sequence[str]) -> Iterator[Part]:
    """Yield the one part."""
    yield prove(context)
