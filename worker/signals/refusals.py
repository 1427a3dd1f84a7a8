"""Requests that were refused for their signature: a rotation gone wrong shows here first."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from db.models.watch import QUARTER
from db.session import transaction
from integrations import INTEGRATIONS
from integrations.sources import SYNCS
from settings import settings
from worker import refused
from worker.arrays import array
from worker.inbox import redis, stream
from worker.ledger import TABLE, sql
from worker.refused import CLOCK, Refusal
from worker.signals.quarters import QUARTERS
from worker.signals.reason import Look, Reason, State
from worker.signals.words import counted

_LOOKED = 1000
_DAY = 86400.0
_USUAL = 14 * 86400 // QUARTER  # slots in which the usual gaps are looked for

# the time between two quarters with events, of which 19 in 20 are no longer: a source that rests at
# night has few long ones
_GAP = f"""
    SELECT percentile_disc(0.95) WITHIN GROUP (ORDER BY slot - before) * {QUARTER} FROM (
        SELECT slot, lag(slot) OVER (ORDER BY slot) AS before FROM {QUARTERS}
        WHERE service = :service AND type = '' AND slot > :since) AS kept
    WHERE before IS NOT NULL
"""  # noqa: S608  our own table

# by the service and the time; what came in at another of its endpoints says nothing of this one
_ACCEPTED = f"""
    SELECT asked.number, (SELECT received_at FROM {TABLE} AS e WHERE e.service = asked.service
            AND received_at > CAST(asked.first AS timestamptz) - interval '1 day'
            AND endpoint = asked.endpoint ORDER BY received_at DESC LIMIT 1) AS last
    FROM unnest(CAST(:numbers AS integer[]), CAST(:services AS text[]), CAST(:endpoints AS text[]),
        CAST(:firsts AS timestamptz[])) AS asked(number, service, endpoint, first)
"""  # noqa: S608  our own table


def reasons(look: Look) -> Iterator[tuple[str, Reason]]:
    """Yield where requests are refused that look as if the service had sent them."""
    groups = _grouped(look)
    last = _accepted(groups)
    for (service, endpoint), found in groups.items():
        accepted = last[service, endpoint]
        since = [one for one in found if accepted is None or one.time > accepted]
        at_least = settings().watch.watch_refusals
        if len(since) >= at_least:
            yield service, _refused(look, service, endpoint, since, accepted)
        elif len(found) >= at_least * 4 and found[0].time > look.ago(3600):
            yield service, _some(service, found)


def _grouped(look: Look) -> dict[tuple[str, str], list[Refusal]]:
    """Return the judged refusals of the last day by service and endpoint, newest first."""
    found: dict[tuple[str, str], list[Refusal]] = {}
    for service in look.services:
        for one in refused.judged(service, _LOOKED) if service in INTEGRATIONS else ():
            if one.time > look.ago(_DAY):
                found.setdefault((service, one.endpoint), []).append(one)
    return found


def _accepted(
    groups: dict[tuple[str, str], list[Refusal]],
) -> dict[tuple[str, str], datetime | None]:
    """Return when each endpoint last took a delivery, of the day before its refusals and since."""
    if not groups:
        return {}
    keys = {
        "numbers": array(range(len(groups))),
        "services": array(service for service, _ in groups),
        "endpoints": array(endpoint for _, endpoint in groups),
        "firsts": array(found[-1].time for found in groups.values()),
    }
    with transaction() as session:
        rows = {row.number: row.last for row in session.execute(sql(_ACCEPTED), keys)}
    found = {}
    for number, (service, endpoint) in enumerate(groups):
        times = [t for t in (rows[number], _waiting(service, endpoint)) if t is not None]
        found[service, endpoint] = max(times, default=None)
    return found


def _waiting(service: str, endpoint: str) -> datetime | None:
    """Return when the newest of the deliveries that wait in Redis came in at the endpoint."""
    entries: Any = redis().xrevrange(stream(service), count=100)
    ids = [id for id, fields in entries if fields.get(b"endpoint", b"").decode() == endpoint]
    if not ids:
        return None
    return datetime.fromtimestamp(int(ids[0].split(b"-")[0]) / 1000, UTC)


def _commonest(found: Sequence[Refusal]) -> Refusal:
    """Return the newest of those that are refused for what most of them are."""
    kinds = Counter((one.reason, one.finding, one.of) for one in found)
    most = max(sorted(kinds), key=lambda kind: kinds[kind])
    return next(one for one in found if (one.reason, one.finding, one.of) == most)


def _refused(
    look: Look, service: str, endpoint: str, found: Sequence[Refusal], accepted: datetime | None
) -> Reason:
    """Return that an endpoint refuses all: what it took before it was so, it takes no more.

    Anybody may send what is signed wrong. So where nothing explains it, it is failing only once
    the service's own events have stayed away for longer than they mostly do.
    """
    one = _commonest(found)
    at = f" at the endpoint {endpoint}" if endpoint else ""
    before = "nothing was in the day before" if accepted is None else "none was accepted"
    sure = accepted is not None and (_explained(one) or _overdue(look, service, accepted))
    return _reason(
        service,
        "failing" if sure else "degraded",
        f"{_requests(found)} refused{at} ({one.reason}), and since then {before}. {_guess(one)}.",
        found,
    )


def _explained(one: Refusal) -> bool:
    """Return whether it is known why; a forger's is not."""
    return bool(one.finding) or one.reason == "no_secret_configured"


def _overdue(look: Look, service: str, accepted: datetime) -> bool:
    """Return whether nothing was accepted for unusually long; so too where nothing is usual."""
    since = int(look.now.timestamp()) // QUARTER - _USUAL
    with transaction() as session:
        gap = session.execute(sql(_GAP), {"service": service, "since": since}).scalar_one()
    return gap is None or (look.now - accepted).total_seconds() > gap


def _some(service: str, found: Sequence[Refusal]) -> Reason:
    """Return that many are refused while others are accepted."""
    one = _commonest(found)
    words = (
        f"{_requests(found)} refused ({one.reason}) within a day while others are accepted. "
        f"{one.words if one.finding else 'Another endpoint has another secret, or somebody tries'}."
    )
    return _reason(service, "degraded", words, found)


def _requests(found: Sequence[Refusal]) -> str:
    return counted(len(found), "request was", "requests were")


def _guess(one: Refusal) -> str:
    """Return what the signature doctor found, or what is most likely where it found nothing."""
    if _explained(one):
        return one.words
    if one.reason in CLOCK:
        return "A clock is wrong, ours or a proxy's"
    return "Most likely a secret was rotated at the service, and not here"


def _reason(service: str, state: State, words: str, found: Sequence[Refusal]) -> Reason:
    one = _commonest(found)
    clock = "Set the clock right; how far it is off: tallyman doctor."
    mend = one.mend or (clock if one.reason in CLOCK else "")
    missed = f" What was missed is fetched by: tallyman sync run {service}"
    return Reason(
        "refused_signatures",
        state,
        words,
        found[-1].time,
        f"{one.endpoint} {one.finding or one.reason}".strip(),
        look=f"tallyman events refused --service {service}",
        mend=(mend + missed * (service in SYNCS)).strip(),
        page=f"/refused?service={service}",
    )
