"""How incidents stand: what opens them, what joins them, and when they are over."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models.alerts import Incident, IncidentReason
from telemetry import log
from worker.alerts import rules

_log = log(__name__)


def stand(session: Session, now: datetime, paused: Collection[str] = ()) -> int:
    """Close what is over, open what has lasted; return how many are open after that.

    Those of paused services stay as they are.
    """
    query = select(Incident).where(Incident.closed_at.is_(None)).order_by(Incident.id)
    open_ = list(session.scalars(query))
    for incident in open_:
        if incident.service not in paused:
            _stands(incident, now)
    noticed = [one for one in _worst_first(session) if one.service not in paused]
    awaited = {one.service for one in noticed if rules.awaited(one, now)}
    for reason in noticed:
        if rules.down(reason.state) or reason.service not in awaited:
            _rise(session, open_, reason, now)
    return sum(incident.closed_at is None for incident in open_)


def _worst_first(session: Session) -> Sequence[IncidentReason]:
    query = select(IncidentReason).where(
        IncidentReason.status == "noticed", IncidentReason.gone_at.is_(None)
    )
    found = session.scalars(query)
    return sorted(found, key=lambda one: (-rules.rank(one.state), one.first_seen_at, one.id))


def _stands(incident: Incident, now: datetime) -> None:
    """See how an open incident stands: which reasons are over, whether all are, how bad it is."""
    lasting = [reason for reason in incident.reasons if reason.status == "open"]
    ended = [reason for reason in lasting if rules.over(reason, incident, now)]
    for reason in ended:
        reason.status = "over"
    left = [one for one in lasting if one.status == "open" and rules.counts(one)]
    if not left:
        _close(incident, lasting, now)
        return
    incident.state = rules.worst(left)
    if ended:
        incident.news, incident.worst = incident.news + 1, incident.state
    _ease(incident, now)
    _alarm_if_worse(incident)


def _close(incident: Incident, lasting: Sequence[IncidentReason], now: datetime) -> None:
    """Call it over; what nobody is ever told of may last, and is noticed anew."""
    for reason in lasting:
        reason.status = "over"
    incident.closed_at, incident.news, incident.eased_at = now, incident.news + 1, None
    _log.info("incident.closed", **_named(incident))


def _ease(incident: Incident, now: datetime) -> None:
    """Forget how bad it was, once it has been less bad for long: as bad again is news then."""
    if rules.rank(incident.state) >= rules.rank(incident.worst):
        incident.eased_at = None
        return
    incident.eased_at = incident.eased_at or now
    if now - incident.eased_at >= rules.LATELY:
        incident.worst, incident.eased_at = incident.state, None


def _alarm_if_worse(incident: Incident) -> None:
    if rules.rank(incident.state) > rules.rank(incident.worst):
        incident.worst = incident.state
        _alarm(incident)


def _alarm(incident: Incident) -> None:
    incident.alarms, incident.news = incident.alarms + 1, incident.news + 1
    _log.warning("incident.alarm", **_named(incident))


def _rise(session: Session, open_: list[Incident], reason: IncidentReason, now: datetime) -> None:
    """Make a reason part of an incident, if it belongs to one or has lasted long enough."""
    mine = [one for one in open_ if one.service == reason.service and one.closed_at is None]
    ripe = rules.ripe(reason, now)
    for incident in mine:
        if rules.takes(incident, reason, now) and (ripe or rules.down(incident.state)):
            _join(incident, reason, now)
            return
    if ripe:
        back = _lately(session, reason, now)
        open_.append(_back(back, reason, now) if back else _new(session, reason, now))


def _join(incident: Incident, reason: IncidentReason, now: datetime) -> None:
    reason.status = "open"
    incident.reasons.append(reason)
    incident.news, incident.changed_at = incident.news + 1, now
    if rules.counts(reason):
        incident.state = max(incident.state, reason.state, key=rules.rank)
    _alarm_if_worse(incident)


def _lately(session: Session, reason: IncidentReason, now: datetime) -> Incident | None:
    """Return the incident that the same was part of, if that was over only a while ago."""
    r = IncidentReason
    same = (r.service == reason.service, r.code == reason.code, r.cause == reason.cause)
    query = (
        select(Incident)
        .join(r, r.incident_id == Incident.id)
        .where(*same, Incident.closed_at > now - rules.LATELY)
        .order_by(Incident.closed_at.desc())
        .limit(1)
    )
    return session.scalars(query).first()


def _back(incident: Incident, reason: IncidentReason, now: datetime) -> Incident:
    incident.closed_at, incident.opened_at, incident.returns = None, now, incident.returns + 1
    incident.state = incident.worst = reason.state
    _join(incident, reason, now)
    _alarm(incident)
    return incident


def _new(session: Session, reason: IncidentReason, now: datetime) -> Incident:
    made = Incident(
        service=reason.service,
        code=reason.code,
        cause=reason.cause,
        state=reason.state,
        worst=reason.state,
        opened_at=now,
        changed_at=now,
        news=1,
        alarms=1,
        returns=0,
        reasons=[reason],
    )
    reason.status = "open"
    session.add(made)
    session.flush()
    _log.warning("incident.opened", **_named(made))
    return made


def _named(incident: Incident) -> dict[str, object]:
    names = ("id", "service", "code", "state")
    return {"incident" if name == "id" else name: getattr(incident, name) for name in names}
