"""Which fault comes when: at first all, then mostly those that our processes outlive.

A leak shows in a process that lives long, and through what it outlives: sessions that end,
stores that hang. So the killing is done in the warm-up, and rarely afterwards. That of Postgres
too: what comes back has forgotten what it was to vacuum, and its tables grow by that alone.
"""

from collections.abc import Iterator
from itertools import chain, cycle, islice, repeat

from proof.context import Context
from proof.kills.faults import PROCESSES, STORES, Fault

GAP = 20  # seconds between two faults, about
_STORES = {fault.name: fault for fault in STORES}
OUTLIVED = [
    _STORES[name]
    for name in (
        "all database sessions are ended",
        "Redis hangs",
        "Postgres hangs",
    )
]
ENDING = [*PROCESSES, *(fault for fault in STORES if fault not in OUTLIVED)]
RARELY = 10  # one ending fault among so many, after the warm-up


def weather(context: Context, warm_up: float) -> Iterator[tuple[Fault, float]]:
    """Yield faults without end, each with the seconds until it comes."""
    dice = context.dice("soak")
    at_first = islice(cycle(chain(ENDING, OUTLIVED)), int(warm_up / GAP))
    ending = cycle(dice.sample(ENDING, len(ENDING)))
    mostly = chain.from_iterable(repeat([*OUTLIVED * ((RARELY - 1) // len(OUTLIVED)), None]))
    afterwards = (fault or next(ending) for fault in mostly)
    for fault in chain(at_first, afterwards):
        yield fault, dice.uniform(0.5, 1.5) * GAP
