"""Remembers for all processes: in Redis, each step one script, by Redis' own clock."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.retry import Retry

from integrations.outbound.durations import bucket
from integrations.outbound.keeper import (
    Change,
    Finding,
    Lately,
    Permission,
    Question,
    Standing,
    State,
)
from settings import settings

_KEY = "tallyman:outbound"
_CALLS, _TIMES = f"{_KEY}:calls", f"{_KEY}:milliseconds"
_REMEMBERED = 24 * 3600  # seconds after which failures in a row are none any more
_ANSWERS_WITHIN = 0.5  # seconds; a Redis that hangs shall not hold a call


@cache
def redis() -> Redis:
    """Return this process' client. It tries once, and gives up soon."""
    return Redis.from_url(
        settings().stores.redis_url,
        socket_timeout=_ANSWERS_WITHIN,
        socket_connect_timeout=_ANSWERS_WITHIN,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )


@cache
def _script(name: str) -> Script:
    return redis().register_script(Path(__file__).with_name(f"{name}.lua").read_text())


def _keys(service: str) -> list[str]:
    return [f"{_KEY}:{service}:{what}" for what in ("failures", "open", "probe", "hold")]


def _since(service: str) -> str:
    return f"{_KEY}:{service}:since"


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


class Shared:
    """What all processes know. Raises RedisError when Redis is away."""

    def admit(self, question: Question) -> Permission:
        """Return whether the call may be made, having counted it if so."""
        args: list[Any] = [question.failures, question.token, _milliseconds(question.lease)]
        args += [question.patience * 1e6, f"{question.service} deferred"]
        keys = [*_keys(question.service), _CALLS]
        for number, limit in enumerate(question.limits):
            scope = f":{question.operation}" if limit.each_operation else ""
            keys.append(f"{_KEY}:{question.service}:limit:{number}{scope}")
            args += [1e6 / limit.rate, limit.burst * 1e6 / limit.rate]
        granted, reason, wait = _script("admit")(keys, args)
        return Permission(bool(granted), reason.decode(), wait / 1e6)

    def settle(self, question: Question, finding: Finding) -> Change:
        """Take down what came of it; return what that changed in the breaker."""
        args: list[Any] = [
            question.failures,
            question.token,
            finding.health,
            _milliseconds(question.open),
            round(finding.hold * 1000),
            _milliseconds(max(_REMEMBERED, 2 * question.open)),
            f"{question.service} {finding.outcome}",
            round(finding.seconds * 1000),
            f"{question.service} {finding.outcome} {bucket(finding.seconds)}",
        ]
        keys = [*_keys(question.service), _CALLS, _TIMES, _since(question.service)]
        change: Any = _script("settle")(keys, args)
        found: Change = change.decode()
        return found

    def standing(self, service: str, failures: int) -> Standing:
        """Return how the service stands."""
        counted, opened, _, hold = _keys(service)
        with redis().pipeline(transaction=True) as pipe:
            pipe.get(counted)
            pipe.pttl(opened)
            pipe.pttl(hold)
            pipe.get(_since(service))
            count, open_for, held_for, since = pipe.execute()
        tripped = int(count or 0) >= failures
        state: State = "closed" if not tripped else "open" if open_for > 0 else "half_open"
        begun = _time(since) if tripped and since else None
        return Standing(state, int(count or 0), max(open_for, held_for, 0) / 1000, begun)

    def calls(self) -> Mapping[tuple[str, str], tuple[int, float]]:
        """Return {(service, outcome): (calls, seconds they took)} since it began to count."""
        with redis().pipeline(transaction=True) as pipe:
            pipe.hgetall(_CALLS)
            pipe.hgetall(_TIMES)
            counts, times = pipe.execute()
        return {
            _who(field): (int(count), int(times.get(field, 0)) / 1000)
            for field, count in counts.items()
        }

    def buckets(self) -> Mapping[tuple[str, str], Mapping[str, int]]:
        """Return {(service, outcome): {bucket: calls}} since it began to count."""
        kept: Any = redis().hgetall(f"{_TIMES}:within")
        found: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(dict)
        for field, count in kept.items():
            who, _, bound = field.rpartition(b" ")
            found[_who(who)][bound.decode()] = int(count)
        return found

    def lately(self, minutes: int) -> Lately:
        """Return what came of the calls of so many minutes, 120 at most."""
        now: Any = redis().time()
        begun = [now[0] // 60 - ago for ago in reversed(range(minutes))]
        with redis().pipeline(transaction=False) as pipe:
            pipe.hgetall(f"{_CALLS}:last")
            for minute in begun:
                pipe.hgetall(f"{_CALLS}:{minute}")
            last, *counted = pipe.execute()
        found: defaultdict[tuple[str, str], dict[datetime, int]] = defaultdict(dict)
        for minute, counts in zip(begun, counted, strict=True):
            for field, count in counts.items():
                found[_who(field)][_time(minute * 60)] = int(count)
        return Lately(found, {_who(field): _time(at) for field, at in last.items()})


def _who(field: bytes) -> tuple[str, str]:
    service, _, outcome = field.decode().rpartition(" ")
    return service, outcome


def _time(seconds: bytes | int) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
