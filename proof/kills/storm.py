"""Kills at random moments, under load, for as long as is asked for."""

import time

from proof.kills.faults import PROCESSES, STORES, Fault
from proof.kills.ground import Ground, under_load
from proof.kills.points import shown

SENDERS = 3


def storm(ground: Ground, seconds: float) -> str:
    """Let faults come at random; return the seconds until all was settled afterwards."""
    dice = ground.context.dice("storm")
    end = time.monotonic() + seconds
    with under_load(ground, "storm", SENDERS, pause=0.002):
        while time.monotonic() < end:
            fault = dice.choice([*PROCESSES, *STORES[:4]])
            befall(ground, fault)
            ground.stack.wait(dice.uniform(0.3, 2))
    last = ground.recovered()
    if last is None:
        ground.found("no recovery", "after the storm")
    return shown(last)


def befall(ground: Ground, fault: Fault) -> None:
    """Let a fault happen, last, and end."""
    if fault.strike(ground.stack):
        ground.kills[fault.name] += 1
    ground.stack.wait(fault.seconds)
    fault.mend(ground.stack)
