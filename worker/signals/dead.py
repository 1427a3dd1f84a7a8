"""Dead letters, by what they died of."""

from collections.abc import Iterator, Sequence

from db.session import transaction
from settings import settings
from worker import causes
from worker.arrays import array
from worker.causes import EFFECTS, Cause
from worker.ledger import TABLE, sql
from worker.signals.errors import class_of
from worker.signals.reason import Look, Reason
from worker.signals.words import counted

_SHOWN = 10
"""Causes of a service that are told one by one; the rest is one reason."""
_FRESH = 50
"""As many more of which one died within the hour: what kills now is never among the rest."""
_HOUR = 3600

_GROWN = f"""
    SELECT name, (SELECT count(*) FROM {TABLE} AS e WHERE e.service = name AND status = 'dead'
            AND settled_at > now() - interval '1 hour')
        + (SELECT count(*) FROM {EFFECTS} AS e WHERE e.target = name
            AND status IN ('dead', 'held') AND status = 'dead'
            AND settled_at > now() - interval '1 hour') AS lately
    FROM unnest(CAST(:services AS text[])) AS name
"""  # noqa: S608  our own tables


def reasons(look: Look) -> Iterator[tuple[str, Reason]]:
    """Yield each cause of dead letters, those that are told of by themselves first."""
    found: dict[str, list[Cause]] = {}
    for cause in causes.causes():
        found.setdefault(cause.service, []).append(cause)
    grown = _grown(look.services) if found else {}
    for service in found.keys() & set(look.services):
        each, rest = _parted(look, found[service])
        yield from ((service, _cause(look, one, grown[service])) for one in each)
        if rest:
            yield service, _rest(look, service, rest, grown[service])


def _parted(look: Look, causes_: Sequence[Cause]) -> tuple[list[Cause], list[Cause]]:
    """Return which are told one by one, and the rest.

    The oldest are, since no new one takes their place: what changes places with another would be
    told to be over. And those that kill now.
    """
    by_age = sorted(causes_, key=lambda one: (one.first, one.id))
    kept, newer = by_age[:_SHOWN], by_age[_SHOWN:]
    fresh = [one for one in newer if _fresh(look, one)][:_FRESH]
    ids = {one.id for one in fresh}
    return kept + fresh, [one for one in newer if one.id not in ids]


def _fresh(look: Look, cause: Cause) -> bool:
    return cause.last > look.ago(_HOUR)


def _grows(look: Look, cause: Cause, lately: int) -> bool:
    return lately >= settings().watch.watch_dead_growth and _fresh(look, cause)


def _growth(lately: int) -> str:
    return f"; within the last hour {lately:,} died, of all causes"


def _grown(services: Sequence[str]) -> dict[str, int]:
    with transaction() as session:
        found = session.execute(sql(_GROWN), {"services": array(services)})
        return {row.name: row.lately for row in found}


def _cause(look: Look, cause: Cause, lately: int) -> Reason:
    grows = _grows(look, cause, lately)
    what = counted(cause.count, "dead letter")
    kind = cause.type or "what could not be read"
    error = class_of(cause.error)
    growth = _growth(lately) if grows else ""
    return Reason(
        "dead_letters",
        "failing" if grows else "degraded",
        f"{what} of {kind}: {error}{growth}.",
        cause.first,
        cause.id,
        look=f"tallyman dead-letters causes --service {cause.service}",
        mend=f"mend the cause, then: tallyman dead-letters redrive --cause {cause.id} --canary",
        page=f"/dead-letters/cause?id={cause.id}",
    )


def _rest(look: Look, service: str, rest: Sequence[Cause], lately: int) -> Reason:
    count = sum(cause.count for cause in rest)
    grows = any(_grows(look, cause, lately) for cause in rest)
    return Reason(
        "dead_letters",
        "failing" if grows else "degraded",
        f"{counted(count, 'more dead letter')} of {counted(len(rest), 'other cause')}"
        f"{_growth(lately) if grows else ''}.",
        min(cause.first for cause in rest),
        "others",
        look=f"tallyman dead-letters causes --service {service}",
        mend="mend each, then redrive it: tallyman dead-letters redrive --cause ID --canary",
        page=f"/dead-letters?service={service}",
    )
