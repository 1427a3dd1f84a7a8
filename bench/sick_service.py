"""`python -m bench.sick_service`: Loops is throttled, ill and well again, and Stripe goes on.

Draws docs/sick-service.svg, and prints the figures of each phase. It takes four minutes.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from bench.charts import Chart, Line, Phase, drawn
from bench.sick_run import STATES, Run, Sample, sent, subscription, user, whole
from settings import ROOT
from simulator.loops_api import Fault

PICTURE = ROOT / "docs" / "sick-service.svg"
STRIPE, CLERK = 20, 3  # events a second; each of Clerk's is to be told to Loops
PLENTY = 100_000
FAULTS = {
    "well": None,
    "429, Retry-After: 10": Fault(429, headers={"retry-after": "10"}),
    "500": Fault(500),
    "well again": None,
}
LENGTHS = (20, 30, 60, 80)  # seconds
_EFFECTS = "SELECT status, count(*), max(attempts) FROM tallyman.effects GROUP BY 1"


def main() -> None:
    samples: list[Sample] = []
    with whole() as run:
        with sent(run, "clerk", CLERK, user) as users, sent(run, "stripe", STRIPE, subscription):
            phases = [
                _phase(run, name, seconds, samples)
                for name, seconds in zip(FAULTS, LENGTHS, strict=True)
            ]
        run.until(lambda: len(run.loops.contacts) == 1 + len(users) and not run.sample()["waiting"])
        for phase in phases:
            _tell(phase, [s for s in samples if phase.begin <= s["at"] <= phase.end])
        print(
            f"{1 + len(users)} users, {len(run.loops.contacts)} contacts, "
            f"{len(run.loops.requests)} requests; effects: {run.sql(_EFFECTS)}"
        )
    PICTURE.write_text(drawn(_charts(samples), phases))
    print(f"written to {PICTURE}")


def _phase(run: Run, name: str, seconds: float, samples: list[Sample]) -> Phase:
    """Have Loops behave so for so long, and look once a second; return when that was."""
    fault, begin = FAULTS[name], run.seconds
    run.loops.faults[:] = [fault] * PLENTY if fault else []
    while run.seconds < begin + seconds:
        samples.append(run.sample())
        run.wait(begin + round(samples[-1]["at"] - begin) + 1)
    return Phase(name, begin, run.seconds)


def _charts(samples: Sequence[Sample]) -> list[Chart]:
    calls = [
        Line(words, list(_rates(samples, name)))
        for name, words in (("deferred", "not made"), ("ok", "done"), ("transient", "failed"))
    ]
    return [
        Chart("Stripe: events applied a second", [Line("", list(_rates(samples, "applied")))]),
        Chart("Stripe: age of the oldest waiting (s)", [Line("", _points(samples, "oldest"))]),
        Chart("Loops: calls a second", calls),
        Chart("Loops: breaker", [Line("", _points(samples, "breaker"))], STATES),
        Chart("Loops: effects that wait", [Line("", _points(samples, "waiting"))]),
    ]


def _points(samples: Sequence[Sample], name: str) -> list[tuple[float, float]]:
    return [(sample["at"], sample[name]) for sample in samples]


def _rates(samples: Sequence[Sample], name: str) -> Iterator[tuple[float, float]]:
    for before, after in pairwise(samples):
        yield after["at"], (after[name] - before[name]) / (after["at"] - before["at"])


def _tell(phase: Phase, seen: Sequence[Sample]) -> None:
    first, last = seen[0], seen[-1]
    gone = {name: last[name] - first[name] for name in last}
    rate = gone["applied"] / gone["at"]
    counts = {name: int(gone[name]) for name in ("ok", "transient", "deferred")}
    most = {name: round(max(s[name] for s in seen), 1) for name in ("oldest", "waiting")}
    print(f"{phase.name}: {gone['at']:.0f} s, Stripe {rate:.1f}/s, Loops {counts}, most {most}")


if __name__ == "__main__":
    main()
