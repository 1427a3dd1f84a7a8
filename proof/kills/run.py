"""Kill it anywhere: at every fault point, by every fault, by poison, and at random."""

from collections.abc import Iterator

from fault_points import POINTS
from proof import checker
from proof.context import Context
from proof.handlers import KILLERS
from proof.kills import clock, effects, faults, points
from proof.kills.faults import Fault
from proof.kills.ground import Ground, ground, under_load
from proof.kills.points import shown
from proof.kills.poison import poison
from proof.kills.storm import befall, storm
from proof.report import Finding, Part, Table

SHORT = 20  # seconds of storm: for less, only some of the faults
RECOVERY = ("next event handled after (s)", "all settled after (s)")
SETTLES_WITHIN = 75  # seconds, for the dead queue: who builds it may be killed, and bars others


def prove(context: Context) -> Part:
    """Return what was killed, how long recovery took, and what was lost or doubled."""
    with ground(context) as here:
        return part(here, "Kill it anywhere", list(_tables(here)))


def prove_clock(context: Context) -> Part:
    """Return what a clock that steps back does."""
    title = "The clock steps back"
    if (told_by := clock.library()) is None:
        return Part(title, notes=["Not done: libfaketime is not installed here."])
    with clock.wrong_clock(context, told_by) as (here, offset):
        row = clock.step_back(here, offset)
        return part(here, title, [Table(["fault, under load", *RECOVERY], [row])])


def _tables(here: Ground) -> Iterator[Table]:
    here.context.say("fault points")
    effects.forget(here)
    settle = here.context.seconds > SHORT
    rows = [points.strike(here, point, settle=settle) for point in points.LEADS_TO]
    yield Table(["killed at", *RECOVERY], rows)
    here.context.say("faults")
    yield Table(["fault, under load", *RECOVERY], [_under(here, fault) for fault in _faults(here)])
    here.context.say("poison among innocents")
    killers = poison(here, list(KILLERS))
    yield Table(["killer", "63 innocents landed after (s)", "dead after (s)"], killers)
    here.context.say("a storm of random kills")
    row = ("random kills under load", storm(here, here.context.seconds))
    yield Table(["", "all settled after (s)"], [row])


def _faults(here: Ground) -> list[Fault]:
    """Return all faults that can be had, or a few where there is little time."""
    found = [*faults.PROCESSES, *faults.STORES, *([faults.DISK] if here.stack.own_disk else [])]
    return found if here.context.seconds > SHORT else here.context.dice("faults").sample(found, 3)


def _under(here: Ground, fault: Fault) -> tuple[str, str, str]:
    """Return the fault, and the seconds to the next event and to the last, from its end on."""
    here.context.say(f"  {fault.name}")
    with under_load(here, "fault", senders=2, pause=0.02):
        here.first_event()
        befall(here, fault)
        first = here.first_event()
    last = here.recovered()
    if first is None or last is None:
        here.found("no recovery", fault.name)
    return fault.name, shown(first), shown(last)


def part(here: Ground, title: str, tables: list[Table]) -> Part:
    """Return the part, after the checker has looked."""
    told = here.journal.told()
    here.stack.until(lambda: checker.dead_are_announced(here.seen), SETTLES_WITHIN)
    verdict = checker.verdict(here.seen, told)
    found = [Finding("lost", id) for id in verdict.lost]
    found += [Finding("doubled", id) for id in verdict.doubled]
    found += [Finding(kind, what) for kind, what in verdict.others]
    return Part(
        title=title,
        counts={
            "accepted": verdict.accepted,
            "applied": verdict.applied,
            "retrying": verdict.retrying,
            "dead": verdict.dead,
            "lost": len(verdict.lost),
            "doubled": len(verdict.doubled),
            "effects": sum(here.told.acts.values()),
            "kills": here.kills.total(),
            "fault_points": len(set(POINTS) & here.kills.keys()),
        },
        tables=[*tables, effects.ends(here), _killed(here)],
        notes=_notes(here),
        findings=[*here.findings, *found, *effects.found(here)],
    )


def _killed(here: Ground) -> Table:
    return Table(["killed", "times"], sorted(here.kills.items()))


def _notes(here: Ground) -> list[str]:
    answers = ", ".join(f"{what}: {n}" for what, n in sorted(here.journal.answers.items()))
    notes = [f"What the senders were answered: {answers}."]
    if not here.stack.own_disk:
        notes.append("Not done: Postgres on a full disk. No tmpfs could be mounted here.")
    return notes
