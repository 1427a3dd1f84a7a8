"""How each service stands, read from the streams and the ledger: for status, probes and metrics."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, select, text, union_all
from sqlalchemy.exc import SQLAlchemyError

from db.models.effects import EffectRecord
from db.models.events import SETTLED, EventRecord
from db.session import transaction
from integrations.effects import Target
from settings import settings
from worker import inbox
from worker.pulse import ALIVE, BEAT, BEATS

BEAT_LATE = 30  # seconds without a sign of beat, of which six are due in that time
BEATS_SEEN = 12  # seconds since a beat's sign: two are due, and one that ended has none


@dataclass(frozen=True, slots=True)
class ServiceState:
    """One line of `tallyman status`. Ages are in seconds, `rate` in events a second."""

    service: str
    paused: bool
    backlog: int
    oldest_waiting: float | None
    rate: float
    retrying: int
    dead: int
    last_event: datetime | None


def states(services: Iterable[str]) -> list[ServiceState]:
    """Return how each service stands. Raises RedisError or SQLAlchemyError if a store is away."""
    paused = inbox.paused()
    counts = {(service, status): count for service, status, count in unsettled()}
    return [_state(name, name in paused, counts) for name in services]


def _state(service: str, paused: bool, counts: dict[tuple[str, str], int]) -> ServiceState:
    stream = inbox.backlog(service)
    rate, last, fallen_since = _recent(service)
    since = min((t for t in (stream.oldest, fallen_since) if t is not None), default=None)
    return ServiceState(
        service=service,
        paused=paused,
        backlog=stream.waiting + counts.get((service, "received"), 0),
        oldest_waiting=None if since is None else _age(since),
        rate=rate,
        retrying=counts.get((service, "retrying"), 0),
        dead=counts.get((service, "dead"), 0),
        last_event=last,
    )


@dataclass(frozen=True, slots=True)
class TargetState:
    """One line of the effects in `tallyman status`. Ages are in seconds.

    `on` is None for a target that nobody knows: somebody inserted what nobody will perform.
    """

    target: str
    on: bool | None
    paused: bool
    waiting: int
    held: int
    dead: int
    oldest_waiting: float | None


def target_states(targets: Mapping[str, Target]) -> list[TargetState]:
    """Return how the effects for each target stand, of those too that nobody knows."""
    paused = inbox.paused()
    found = {(target, status): (n, since) for target, status, n, since in unsettled_effects()}
    names = dict.fromkeys([*targets, *sorted({target for target, _ in found})])
    return [_target_state(name, targets.get(name), name in paused, found) for name in names]


def _target_state(
    name: str,
    target: Target | None,
    paused: bool,
    found: Mapping[tuple[str, str], tuple[int, datetime]],
) -> TargetState:
    none: tuple[int, datetime | None] = (0, None)
    waiting, since = found.get((name, "waiting"), none)
    return TargetState(
        target=name,
        on=None if target is None else target.on(),
        paused=paused,
        waiting=waiting,
        held=found.get((name, "held"), none)[0],
        dead=found.get((name, "dead"), none)[0],
        oldest_waiting=None if since is None else _age(since),
    )


def unsettled_effects() -> Sequence[Any]:
    """Return (target, status, count, since when) of what is waiting, held or dead."""
    counts = union_all(*(_count_effects(status) for status in ("waiting", "held", "dead")))
    with transaction() as session:
        return session.execute(counts).all()


def _count_effects(status: str) -> Select[str, str, int, datetime]:
    e = EffectRecord
    here: ColumnElement[str] = literal_column(f"'{status}'")
    found = select(e.target, here, func.count(), func.min(e.created_at))
    return found.where(e.status == here).group_by(e.target)


def waiting(service: str) -> tuple[int, float]:
    """Return how many deliveries wait in Redis, and the age of the oldest in seconds."""
    stream = inbox.backlog(service)
    return stream.waiting, 0.0 if stream.oldest is None else _age(stream.oldest)


def _age(since: datetime) -> float:
    return max(0.0, (datetime.now(UTC) - since).total_seconds())


def _recent(service: str) -> tuple[float, datetime | None, datetime | None]:
    e = EventRecord
    minute = e.received_at > func.now() - text("interval '1 minute'")
    mine = e.service == service
    newest = select(func.max(e.received_at)).where(mine).scalar_subquery()
    # in the text: a prepared query that is given the status does not know the partial index
    waits = e.status == literal_column("'received'")
    fallen = select(func.min(e.received_at)).where(mine, waits).scalar_subquery()
    query = select(func.count(), newest, fallen).where(mine, minute)
    with transaction() as session:
        count, last, since = session.execute(query).one()
    return count / 60, last, since


def unsettled() -> Sequence[Any]:
    """Return (service, status, count) of what the ledger holds received, retrying or dead."""
    # one by one and in the text: only so do the partial indexes answer, however long the ledger
    counts = union_all(*(_count(status) for status in ("received", "retrying", "dead")))
    with transaction() as session:
        return session.execute(counts).all()


def _count(status: str) -> Select[str, str, int]:
    e = EventRecord
    here: ColumnElement[str] = literal_column(f"'{status}'")
    return select(e.service, here, func.count()).where(e.status == here).group_by(e.service)


# one row of the partial index for each
_OVERDUE = f"""
    SELECT service, extract(epoch FROM now() - oldest)::float8 - :days * 86400 AS seconds
    FROM unnest(CAST(:services AS text[])) AS service, LATERAL (
        SELECT min(received_at) AS oldest FROM {EventRecord.__table__} AS kept
        WHERE kept.service = service.service AND status IN {SETTLED} AND body IS NOT NULL) AS kept
    WHERE oldest < now() - make_interval(days => :days)
"""  # noqa: S608  our own table


def overdue(services: Iterable[str]) -> Sequence[Any]:
    """Return (service, seconds) of where a body should have left so long ago."""
    if not (days := settings().retention.events_retention_days):
        return []
    with transaction() as session:
        keys = {"services": list(services), "days": days}
        return session.execute(text(_OVERDUE), keys).all()


def postgres_answers() -> bool:
    """Return whether Postgres answers."""
    try:
        with transaction() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def workers() -> list[str]:
    """Return the names of the Celery workers that gave a sign of life in the last seconds."""
    keys = inbox.redis().scan_iter(f"{ALIVE}*", count=1000)
    return sorted(key.decode().removeprefix(ALIVE) for key in keys)


def beats() -> list[str]:
    """Return the beats that had something run lately, as host:process. One is enough."""
    since = datetime.now(UTC).timestamp() - BEATS_SEEN
    found: Any = inbox.redis().zrangebyscore(BEATS, since, "+inf")
    return [name.decode() for name in found]


def beat_age() -> float | None:
    """Return the seconds since beat last had something run, None if it never had."""
    mark: Any = inbox.redis().get(BEAT)
    return None if mark is None else _age(datetime.fromisoformat(mark.decode()))
