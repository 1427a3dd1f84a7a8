"""The parts of the proof, each a module with `parts(context, services)`, and its share of the time.

Each runs in a process of its own. What is done once takes what it takes.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part is, how much of the time it may take, and whether one must ask for it."""

    module: str
    share: float
    asked: bool = False


PARTS: Mapping[str, Place] = {
    "convergence": Place("proof.convergence.part", 0.15),
    "hostile": Place("proof.hostile.part", 0.15),
    "kills": Place("proof.kills.part", 0.1),
    "everysec": Place("proof.kills.everysec", 1, asked=True),
    "plain": Place("proof.plain.part", 1, asked=True),
    "soak": Place("proof.soak.part", 1, asked=True),
}
UNASKED = [name for name, place in PARTS.items() if not place.asked]
