"""One look at all services: what came of it is in the incidents, and told by another task.

Either of the two workers does for the other: who looks tells too where nobody else does, and who
tells looks. Only where both are dead is nobody told; see docs/alerts.md.
"""

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from telemetry import describe, log
from worker import bell, inbox, standing
from worker.alerts import tellings
from worker.alerts.channels import channels
from worker.alerts.tell import tell
from worker.alerts.watch import watch
from worker.faults import ours
from worker.health import health

LOOKED = "tallyman:looked"
TOLD = "tallyman:told"
LATE = 90  # seconds: three looks
_log = log(__name__)


def look() -> str:
    """Bring the incidents up to date, and ring for who tells of them if anything is to be told.

    Where a store is away nothing is known, and nothing is called over: the next look is soon.
    """
    try:
        found = health()
        standing.keep({one.service: one.state for one in found})
        done = watch(found)
        inbox.redis().set(LOOKED, "1", ex=LATE)
        _have_told([channel.name for channel in channels()])
    except (SQLAlchemyError, RedisError) as error:
        if not (ours(error) or isinstance(error, RedisError)):
            raise
        _log.warning("watch.failed", error=describe(error))
        return "a store is away"
    return done


def if_late() -> str:
    """Look if nobody did for a while, and leave the mark that who tells is there."""
    inbox.redis().set(TOLD, "1", ex=LATE)
    return "looked lately" if inbox.redis().exists(LOOKED) else look()


def _have_told(names: list[str]) -> None:
    if not tellings.due(names):
        return
    # what is late alone says little: news of an incident is due since it was last told
    if tellings.due(names, late=LATE) and not inbox.redis().exists(TOLD):
        tell()
    else:
        bell.ring("alerts.tell")
