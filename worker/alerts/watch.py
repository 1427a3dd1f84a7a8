"""Take down what is wrong now, and make incidents of what lasts."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from db.models.alerts import Incident, IncidentReason
from db.session import transaction
from telemetry import redact
from worker.alerts import rules, tellings
from worker.alerts.incidents import stand
from worker.health import Health, Reason

LIVING = ("noticed", "open")
KEPT = timedelta(days=90)  # incidents that are over
KEPT_PASSED = timedelta(days=7)  # what nobody was told of
_LOCK = 0x616C65727473  # any number that nobody else locks
_TOLD = ("state", "look", "mend", "page", "since")

Key = tuple[str, str, str]
Found = Mapping[Key, Reason]


def watch(healths: Iterable[Health], now: datetime | None = None) -> str:
    """Bring the incidents up to date with how the services stand; return how many are open.

    A paused service is left as it is: somebody knows. So is what could not be looked at. `now` is
    the database's time if not given.
    """
    known = list(healths)
    with transaction() as session:
        if not session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
            return "busy"
        at = now or session.scalar(select(func.now()))
        assert at is not None  # noqa: S101  a row without a table always comes
        paused = {health.service for health in known if health.state == "paused"}
        unseen = {(one.service, code) for one in known for code in one.unseen}
        _take_down(session, _found(known, paused), paused, unseen, at)
        standing = stand(session, at, paused)
        tellings.want(session, at)
        _forget(session, at)
    return f"open={standing}"


def _found(healths: Iterable[Health], paused: set[str]) -> Found:
    found: dict[Key, Reason] = {}
    for health in healths:
        for reason in health.reasons if health.service not in paused else ():
            key = (health.service, reason.code, reason.cause)
            if rules.rank(reason.state) >= rules.rank(found.get(key, reason).state):
                found[key] = reason
    return found


def _take_down(
    session: Session,
    found: Found,
    paused: set[str],
    unseen: set[tuple[str, str]],
    now: datetime,
) -> None:
    living = _living(session)
    for key, reason in found.items():
        if key in living:
            _goes_on(living[key], reason, now)
        else:
            session.add(_noticed(key, reason, now))
    for key, kept in living.items():
        left = kept.service in paused or (kept.service, kept.code) in unseen
        if key not in found and not left:
            _is_gone(kept, now)
    session.flush()


def _living(session: Session) -> dict[Key, IncidentReason]:
    query = select(IncidentReason).where(IncidentReason.status.in_(LIVING))
    return {(one.service, one.code, one.cause): one for one in session.scalars(query)}


def _noticed(key: Key, reason: Reason, now: datetime) -> IncidentReason:
    service, code, cause = key
    made = IncidentReason(service=service, code=code, cause=cause, status="noticed", looks=1)
    made.first_seen_at = made.last_seen_at = now
    _learn(made, reason)
    return made


def _learn(kept: IncidentReason, reason: Reason) -> None:
    for name in _TOLD:
        setattr(kept, name, getattr(reason, name))
    kept.words = redact(reason.words)


def _changed(kept: IncidentReason, now: datetime) -> None:
    if kept.incident is not None:
        kept.incident.changed_at = now


def _goes_on(kept: IncidentReason, reason: Reason, now: datetime) -> None:
    before = (kept.words, kept.state, kept.gone_at)
    kept.gone_at, kept.last_seen_at, kept.looks = None, now, kept.looks + 1
    _learn(kept, reason)
    if before != (kept.words, kept.state, kept.gone_at):
        _changed(kept, now)


def _is_gone(kept: IncidentReason, now: datetime) -> None:
    if kept.gone_at is None:
        kept.gone_at = now
        _changed(kept, now)
    if kept.status == "noticed" and rules.passed(kept, now):
        kept.status = "passed"


def _forget(session: Session, now: datetime) -> None:
    r = IncidentReason
    session.execute(delete(r).where(r.status == "passed", r.gone_at < now - KEPT_PASSED))
    session.execute(delete(Incident).where(Incident.closed_at < now - KEPT))
