"""Whether each effect was done once, and none again of which nobody knows whether it was."""

from collections.abc import Iterator

from proof.kills.ground import Ground
from proof.report import Finding, Table
from proof.stack import SCHEMA

POINT = "deliver.called"
TRIES = 3
# in one step, and of the first attempt only: the next one may begin as soon as the lease is over
_LATER = f"""
    UPDATE {SCHEMA}.effects SET first_sent_at = first_sent_at - interval '25 hours'
    WHERE event_id = %s AND status = 'waiting' AND attempts = 1
    RETURNING id
"""
_STATUS = f"SELECT status, error FROM {SCHEMA}.effects WHERE event_id = %s"


def forget(ground: Ground) -> None:
    """End a worker between the call and the mark, and let Loops forget what it was asked."""
    ground.context.say(f"  {POINT}, and the key is forgotten")
    for _ in range(TRIES):
        id = _cut_off(ground)
        if ground.stack.sql(_LATER, id):  # else it was sent again before, under a key still known
            ground.told.forget()
            ground.journal.forgotten.add(id)
            return
    ground.found("point never reached", f"{POINT}, soon enough to let the key be forgotten")


def _cut_off(ground: Ground) -> str:
    """Return the event whose effect, and no other one, was in hand when its process ended."""
    ground.calm()
    ground.stack.arm(POINT)
    id = ground.post_one("tell")
    if ground.stack.until(lambda: ground.stack.struck(POINT), ground.patience) is None:
        ground.stack.disarm(POINT)
    else:
        ground.kills[POINT] += 1
    return id


def ends(ground: Ground) -> Table:
    """Return what became of those whose key was forgotten."""
    rows = [(id, _status(ground, id)[0], ground.told.calls[id]) for id in _forgotten(ground)]
    return Table(["its key was forgotten before the mark", "and then", "calls"], rows)


def _forgotten(ground: Ground) -> list[str]:
    return sorted(ground.journal.forgotten)


def _status(ground: Ground, id: str) -> tuple[str, str]:
    ((status, error),) = ground.stack.sql(_STATUS, id) or [("not there", "")]
    return status, str(error)


def found(ground: Ground) -> Iterator[Finding]:
    """Yield each effect that was not done, or more than once, or of which that is not known."""
    yield from _sent_again(ground)
    status = dict(ground.stack.sql(f"SELECT event_id, status FROM {SCHEMA}.effects"))
    handled = f"SELECT event_id FROM {SCHEMA}.events WHERE status = 'handled'"
    done = {id for (id,) in ground.stack.sql(handled)}
    for id in sorted(ground.journal.tells & done):
        acts = ground.told.acts[id]
        if acts == 0:
            yield Finding("lost effect", f"that of {id}, which is {status.get(id, 'not there')}")
        elif acts > 1:
            yield Finding("effect done twice", f"that of {id}, {acts} times")
        if status.get(id) != "sent" and id not in ground.journal.forgotten:
            yield Finding("unmarked effect", f"that of {id} is {status.get(id, 'not there')}")


def _sent_again(ground: Ground) -> Iterator[Finding]:
    for id in _forgotten(ground):
        status, error = _status(ground, id)
        if status != "dead" or not error.startswith("outcome unknown"):
            yield Finding("sent again unasked", f"the effect of {id} is {status}: {error}")
