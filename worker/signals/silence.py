"""Silence: a type of event that is quieter than its own history by chance allows.

The week has 672 quarters of an hour. For each that has passed without an event since the last one,
its history says in how many of the four weeks before that last one the same quarter had any: k of
w. By that, such a quarter is empty with the chance 1 - k / (w + 1/2), half a week of emptiness
being added because four weeks are few; and all of them together with the product of these. Where
that is less than WATCH_SILENCE_CHANCE, it is told. A quarter counts as one whatever came in it, so
neither bursts nor batches make a source look steadier than it is; and only those that are over do.

No verdict: under two weeks of history, under WATCH_SILENCE_EVENTS events in it, a type that was not
there in all but one of the weeks (a month's invoices), and while deliveries wait unread. The why is
in docs/health.md.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from math import exp, log
from typing import Any

from sqlalchemy.orm import Session

from db.models.watch import QUARTER
from db.session import transaction
from settings import settings
from worker.arrays import array
from worker.ledger import TABLE, sql
from worker.signals.quarters import KINDS, NEXT, QUARTERS, WEEK, WEEKS
from worker.signals.reason import Look, Reason
from worker.signals.words import age

_LATE = 3
"""Slots that may be uncounted: where the counting itself stands still, nothing can be said."""

_MILLION = log(1e6)
"""Evidence beyond which nobody cares how much there is."""

# the newest of each type: as counted, and as came in since
_SINCE = f"""
    SELECT service, coalesce(type, '') AS type, max(received_at) AS last_at
    FROM {TABLE} WHERE service = ANY(CAST(:services AS text[]))
        AND received_at >= to_timestamp(:first * {QUARTER})
    GROUP BY service, type
"""  # noqa: S608  our own table

_COUNTED = f"""
    SELECT service, (SELECT slot FROM {QUARTERS} AS q WHERE q.service = next.service
            AND q.type = '' ORDER BY slot LIMIT 1) AS oldest, slot AS uncounted
    FROM ({NEXT}) AS next
"""  # noqa: S608  our own table

# of the weeks before its last event, only the quarters that have passed again since: few, mostly
_SCORED = f"""
    SELECT asked.number, counted.*, scored.evidence, scored.usual
    FROM unnest(CAST(:number AS integer[]), CAST(:service AS text[]), CAST(:type AS text[]),
            CAST(:last AS integer[]), CAST(:quiet AS integer[]), CAST(:weeks AS integer[]))
            AS asked(number, service, type, last, quiet, weeks),
        LATERAL (
            SELECT sum(events * passed) / asked.weeks AS usual,
                sum(passed * -ln(1 - held / (asked.weeks + 0.5))) AS evidence
            FROM (SELECT count(*) AS held, sum(events) AS events,
                    (asked.quiet + (asked.last - slot) % {WEEK}) / {WEEK} AS passed
                FROM generate_series(0, asked.weeks - 1) AS week, LATERAL (
                    SELECT slot, events FROM {QUARTERS} AS q
                    WHERE q.service = asked.service AND q.type = asked.type
                        AND slot > asked.last - (week + 1) * {WEEK}
                        AND slot <= asked.last - week * {WEEK}
                        AND slot <= asked.last - (week + 1) * {WEEK} + asked.quiet) AS held
                GROUP BY (asked.last - slot) % {WEEK}) AS quarter) AS scored,
        LATERAL (
            SELECT sum(events) AS events, count(DISTINCT (asked.last - slot) / {WEEK}) AS active
            FROM {QUARTERS} AS q WHERE q.service = asked.service AND q.type = asked.type
                AND slot > asked.last - asked.weeks * {WEEK} AND slot <= asked.last
                AND scored.evidence > :evidence) AS counted
    WHERE scored.evidence > :evidence
"""  # noqa: S608  our own table


def reasons(look: Look) -> Iterator[tuple[str, Reason]]:
    """Yield who is silent: all of it in one, or the types of event that are."""
    quiet = [one for one in _quiet(look) if _meant(one) not in settings().watch.watch_silence_meant]
    silent = _silent(quiet)
    whole = {one["service"] for one in silent if not one["type"]}
    for one in silent:
        if not one["type"] or one["service"] not in whole:
            yield one["service"], _reason(look, one)


def _meant(one: dict[str, Any]) -> str:
    """Return how the setting names what is meant to be quiet."""
    return f"{one['service']}:{one['type']}" if one["type"] else one["service"]


def _quiet(look: Look) -> list[dict[str, Any]]:
    """Return the types of which none came in the last quarter that is over, and how they stood."""
    now = int(look.now.timestamp()) // QUARTER
    with transaction() as session:
        oldest = _heard(session, look, now)
        known = [row for row in session.execute(sql(KINDS)) if row.service in oldest]
        keys = {"services": array(oldest), "first": now - _LATE}
        since = session.execute(sql(_SINCE), keys).all()
    last = {(row.service, row.type): row.last_at for row in known}
    first = {(row.service, row.type): min(row.oldest, oldest[row.service]) for row in known}
    for row in since:
        for key in ((row.service, row.type), (row.service, "")):
            last[key] = max(row.last_at, last.get(key, row.last_at))
    stood = (_stood(key, last[key], first[key]) for key in first)
    return [one | {"quiet": now - one["last"] - 1} for one in stood if now - one["last"] > 1]


def _stood(key: tuple[str, str], at: datetime, first: int) -> dict[str, Any]:
    """Return when the last event came, and how many whole weeks are known before it."""
    slot = int(at.timestamp()) // QUARTER
    weeks = min(WEEKS, (slot - first) // WEEK)
    return {"service": key[0], "type": key[1], "at": at, "last": slot, "weeks": weeks}


def _heard(session: Session, look: Look, now: int) -> dict[str, int]:
    """Return the first slot of each service of which all is counted that came in."""
    late = look.ago(settings().watch.watch_waiting_seconds)
    blocked = {name for name, (_, since) in look.waiting.items() if since <= late}
    names = [name for name in look.services if name not in blocked]
    rows = session.execute(sql(_COUNTED), {"services": array(names)}).all()
    return {
        row.service: row.oldest
        for row in rows
        if row.oldest is not None and (row.uncounted is None or row.uncounted >= now - _LATE)
    }


def _silent(quiet: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return those that are quieter than chance allows, with what is usual."""
    known = [one for one in quiet if one["weeks"] > 1]
    given = settings().watch
    keys: dict[str, Any] = {
        name: array(one[name] for one in known)
        for name in ("service", "type", "last", "quiet", "weeks")
    }
    keys |= {"number": array(range(len(known))), "evidence": -log(given.watch_silence_chance)}
    with transaction() as session:
        scored = session.execute(sql(_SCORED), keys).all()
    return [
        known[row.number] | {"evidence": row.evidence, "usual": row.usual}
        for row in scored
        if row.events >= given.watch_silence_events
        and row.active >= max(2, known[row.number]["weeks"] - 1)
    ]


def _reason(look: Look, one: dict[str, Any]) -> Reason:
    service, type = one["service"], one["type"]
    waited = age((look.now - one["at"]).total_seconds())
    odds = exp(min(one["evidence"], _MILLION)) // 1000 * 1000
    option = f" --type {type}" if type else ""
    return Reason(
        "silence",
        "silent",
        f"No {type or 'event at all'} for {waited}; in such a time there are usually "
        f"{one['usual']:,.0f}. By chance that happens less than once in {odds:,.0f} times.",
        one["at"],
        type,
        look=f"tallyman events list --service {service}{option} --limit 5",
        mend=f"see at the service whether it still sends here; if it is meant to be quiet: "
        f"WATCH_SILENCE_MEANT={_meant(one)}. What it must send: tallyman endpoints {service}",
        page=f"/events?service={service}" + (f"&type={type}" if type else ""),
    )
