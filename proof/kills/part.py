"""Kills as a part of the proof."""

from collections.abc import Iterator, Sequence

from proof.context import Context
from proof.kills.run import SHORT, prove, prove_clock
from proof.report import Part


def parts(context: Context, _services: Sequence[str]) -> Iterator[Part]:
    """Yield the kills, then the clock if there is time for a second system."""
    yield prove(context)
    if context.seconds > SHORT:
        yield prove_clock(context)
