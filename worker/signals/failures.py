"""Events that fail: more of them than at this hour of the last weeks, or the same ones for long."""

from collections.abc import Iterator, Sequence
from typing import Any

from db.models.watch import QUARTER
from db.session import transaction
from settings import settings
from worker.arrays import array
from worker.ledger import TABLE, sql
from worker.signals.chance import surely
from worker.signals.errors import CLASS
from worker.signals.quarters import QUARTERS, WEEK, WEEKS
from worker.signals.reason import Look, Reason
from worker.signals.words import age, counted, percent

_HOUR = 3600 // QUARTER
_MOST = 10_000
"""So many failed ones of a service are sorted by their errors; the share counts no more either."""

# the partial indexes know the failed ones; for the others an index alone is counted
_LATELY = f"""
    SELECT asked.service, (SELECT count(*) FROM {TABLE} AS e WHERE e.service = asked.service
            AND received_at > now() - interval '1 hour') AS events,
        failed.*,
        (SELECT sum(events) FROM {QUARTERS} AS q WHERE {{usual}}) AS usual_events,
        (SELECT sum(failed) FROM {QUARTERS} AS q WHERE {{usual}}) AS usual_failed
    FROM unnest(CAST(:services AS text[])) AS asked(service), LATERAL (
        SELECT count(*) AS failed, min(received_at) AS since,
            mode() WITHIN GROUP (ORDER BY class_) AS class_,
            count(DISTINCT class_) AS classes, mode() WITHIN GROUP (ORDER BY type) AS type,
            mode() WITHIN GROUP (ORDER BY status) AS status
        FROM (SELECT received_at, type, status, {CLASS} AS class_ FROM (
                (SELECT received_at, type, status, error FROM {TABLE} AS e
                    WHERE e.service = asked.service AND status = 'dead'
                    AND settled_at > now() - interval '1 hour' LIMIT {_MOST})
                UNION ALL
                (SELECT received_at, type, status, error FROM {TABLE} AS e
                    WHERE e.service = asked.service AND status = 'retrying'
                    AND received_at < now() - make_interval(secs => :patience) LIMIT {_MOST})
            ) AS either WHERE received_at > now() - interval '1 hour') AS failed) AS failed
""".format(  # noqa: S608  our own tables
    usual="q.service = asked.service AND q.type = '' AND slot = ANY(CAST(:slots AS integer[]))"
)

_RETRYING = f"""
    SELECT asked.service, kept.* FROM unnest(CAST(:services AS text[])) AS asked(service), LATERAL (
        SELECT count(*) AS events, min(received_at) AS since,
            mode() WITHIN GROUP (ORDER BY {CLASS}) AS class_, min(retry_at) AS next
        FROM (SELECT received_at, error, retry_at FROM {TABLE} AS e
            WHERE e.service = asked.service AND status = 'retrying' LIMIT {_MOST}) AS few
        WHERE received_at < now() - make_interval(secs => :stuck)) AS kept
    WHERE kept.events > 0
"""  # noqa: S608  our own table


def reasons(look: Look) -> Iterator[tuple[str, Reason]]:
    """Yield who fails more than is usual at this hour, and who retries without success."""
    given, services = settings().watch, array(look.services)
    slots = array(_same_hour(look))
    keys = {"services": services, "slots": slots, "patience": given.watch_patience_seconds}
    with transaction() as session:
        lately = session.execute(sql(_LATELY), keys).all()
        stuck = {"services": services, "stuck": given.watch_stuck_seconds}
        retrying = session.execute(sql(_RETRYING), stuck).all()
    for row in lately:
        if row.events >= given.watch_rate_events and _unusual(row):
            yield row.service, _rate(row)
    yield from ((row.service, _stuck(look, row)) for row in retrying)


def _same_hour(look: Look) -> Sequence[int]:
    """Return the slots of this hour in each of the last weeks, begun as long before it ended."""
    now = int(look.now.timestamp()) // QUARTER
    return [now - week * WEEK - ago for week in range(1, WEEKS + 1) for ago in range(_HOUR)]


def _usual(row: Any) -> float:
    """Return the share that failed at this hour of the last weeks; 0 where too few came."""
    few = (row.usual_events or 0) < settings().watch.watch_rate_events
    return 0.0 if few else float(row.usual_failed / row.usual_events)


def _unusual(row: Any) -> bool:
    """Return whether surely more fail than are taken for normal, and than twice what is usual."""
    floor = settings().watch.watch_rate_percent / 100
    return surely(min(row.failed, row.events), row.events) > max(floor, 2 * _usual(row))


def _rate(row: Any) -> Reason:
    share = min(row.failed / row.events, 1.0)
    failing = share >= settings().watch.watch_failing_percent / 100
    others = f" and {row.classes - 1} other kinds of error" if row.classes > 1 else ""
    what = counted(row.events, "event")
    told = f", most of them {row.type}" if row.type else ""
    return Reason(
        "failure_rate",
        "failing" if failing else "degraded",
        f"{percent(share)} of the {what} of the last hour failed ({percent(_usual(row))} at this "
        f"hour of the last weeks): {row.class_}{others}{told}.",
        row.since,
        look=f"tallyman events list --service {row.service} --status {row.status}",
        mend="find the cause in one of them and mend it; those that are dead by then: "
        f"tallyman dead-letters causes --service {row.service}",
        page=f"/events?service={row.service}&status={row.status}",
    )


def _stuck(look: Look, row: Any) -> Reason:
    waited = age((look.now - row.since).total_seconds())
    what = counted(row.events, "event has", "events have")
    return Reason(
        "retrying_old",
        "degraded",
        f"{what} been tried in vain, the oldest for {waited}: {row.class_}.",
        row.since,
        look=f"tallyman events list --service {row.service} --status retrying",
        mend="mend what the error names; they are tried again by themselves",
        page=f"/events?service={row.service}&status=retrying",
    )
