"""What waits for a browser to come back: in Redis, for minutes, and each taken once."""

import hashlib
import json
from dataclasses import asdict

from integrations.oauth.flow import Pending
from integrations.oauth.links import Link
from worker.inbox import redis

PENDING_SECONDS = 600
_REMEMBERED = 2 * PENDING_SECONDS  # that there was one, so that who comes late, or twice, is told
_TIMEOUT = 1.0  # seconds; a browser waits


class Late(Exception):
    """The browser took longer than what was kept for it."""


class Replayed(Exception):
    """The state has come before."""


def used(link: Link) -> bool:
    """Return whether somebody has used the link. Raises RedisError."""
    return bool(redis(_TIMEOUT).exists(_link(link)))


def first_use(link: Link, now: float) -> bool:
    """Return whether nobody has used the link before, and now it is. Raises RedisError."""
    return bool(redis(_TIMEOUT).set(_link(link), 1, nx=True, ex=max(1, int(link.until - now) + 60)))


def keep(state: str, pending: Pending) -> bool:
    """Keep a flow until its browser comes back. Returns False if the state is taken.

    Raises RedisError.
    """
    with redis(_TIMEOUT).pipeline(transaction=True) as pipe:
        pipe.set(_key(state), json.dumps(asdict(pending)), nx=True, ex=PENDING_SECONDS)
        pipe.set(_trace(state), "begun", nx=True, ex=_REMEMBERED)
        return all(pipe.execute())


def waits(state: str) -> bool:
    """Return whether there is a flow to take. Raises RedisError."""
    return bool(redis(_TIMEOUT).exists(_key(state)))


def take(state: str) -> Pending | None:
    """Return a flow, for the one time; None if there never was one.

    Raises Late, Replayed, and RedisError.
    """
    with redis(_TIMEOUT).pipeline(transaction=True) as pipe:  # whoever is second sees the trace
        pipe.getdel(_key(state))
        pipe.set(_trace(state), "used", xx=True, get=True, keepttl=True)
        found, trace = pipe.execute()
    if found is not None:
        return Pending(**json.loads(found))
    if trace is not None:
        raise Replayed if trace == b"used" else Late
    return None


def _link(link: Link) -> str:
    return f"tallyman:oauth:link:{link.digest}"


def _key(state: str) -> str:
    return f"tallyman:oauth:{hashlib.sha256(state.encode()).hexdigest()}"


def _trace(state: str) -> str:
    return f"{_key(state)}:known"
