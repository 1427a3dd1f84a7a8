"""Where an accepted delivery goes: into its stream, else into the ledger, else nowhere and 503."""

from redis.exceptions import RedisError

from fault_points import reach
from integrations.interface import Delivery
from receiver import fallback
from receiver.line import Line
from receiver.ringer import Ringer
from settings import settings
from telemetry import describe, log

_log = log(__name__)
line = Line()
_ringer = Ringer()


def keep(delivery: Delivery) -> str:
    """Store a delivery; return "accepted" or "fallen_back". Raises fallback.Unavailable."""
    if line.open(delivery.service):
        try:
            waiting_bells = line.send(delivery)
        except RedisError as error:
            _log.warning("receive.redis", service=delivery.service, error=describe(error))
        else:
            reach("receiver.added")
            if waiting_bells < settings().inbox.doorbells:
                _ringer.ring(f"{delivery.service}.drain")
            return "accepted"
    fallback.keep(delivery)
    return "fallen_back"


def ready() -> bool:
    """Return whether Redis takes deliveries now."""
    return line.ready()
