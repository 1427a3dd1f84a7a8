"""Half an hour of load with faults, watched: nothing may grow that should not."""

import time
from dataclasses import replace

from proof.context import Context
from proof.kills.ground import Ground, ground, under_load
from proof.kills.run import part
from proof.kills.storm import befall
from proof.report import Part
from proof.soak.plot import plot
from proof.soak.series import Sample, csv, series
from proof.soak.trend import PARTS, WARM_UP, YOUTH, findings, table, trends
from proof.soak.watch import watched
from proof.soak.weather import weather

SENDERS, PAUSE = 2, 0.05  # some thirty events a second
SAMPLES = 600
PICTURE, READ = "soak.svg", "soak.csv"
TOLD = (
    f"![what was watched, over time]({PICTURE})",
    (
        f"The first {WARM_UP:.0%} of the time is warm-up, and of each process that starts later "
        f"the first {YOUTH:.1%}. The rest is cut into {PARTS - int(PARTS * WARM_UP)} parts, each "
        "of which counts with its median; the slope is that of least squares, within the lives "
        "of processes. What surely rises, by more than matters, is found. All that was read is "
        f"in [{READ}]({READ})."
    ),
)


def prove(context: Context) -> Part:
    """Return what grew, beside what was lost or doubled."""
    with ground(context) as here:
        samples = _endured(here)
        if here.recovered() is None:
            here.found("no recovery", "after the soak")
        found = series(samples)
        told = trends(context, found)
        whole = part(here, "Soak: load and faults, and nothing grows", [table(told)])
    return replace(
        whole,
        notes=[*TOLD, *whole.notes],
        findings=[*whole.findings, *findings(told)],
        files={PICTURE: plot(told, context.seconds), READ: csv(found)},
    )


def _endured(here: Ground) -> list[Sample]:
    """Let time pass, with load and faults; return what was seen meanwhile."""
    context, end = here.context, here.context.end()
    every = context.seconds / SAMPLES
    with watched(here.stack, every) as samples, under_load(here, "soak", SENDERS, PAUSE):
        for fault, pause in weather(context, context.seconds * WARM_UP):
            here.stack.wait(min(pause, end - time.monotonic()))
            if time.monotonic() >= end:
                return samples
            context.say(f"  {fault.name}")
            befall(here, fault)
    return samples
