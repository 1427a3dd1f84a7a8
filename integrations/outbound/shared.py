"""Remembers for all processes: in Redis, each step one script, by Redis' own clock."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.retry import Retry

from integrations.outbound.keeper import Change, Finding, Permission, Question, Standing, State
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
        ]
        change: Any = _script("settle")([*_keys(question.service), _CALLS, _TIMES], args)
        found: Change = change.decode()
        return found

    def standing(self, service: str, failures: int) -> Standing:
        """Return how the service stands."""
        counted, opened, _, hold = _keys(service)
        with redis().pipeline(transaction=True) as pipe:
            pipe.get(counted)
            pipe.pttl(opened)
            pipe.pttl(hold)
            count, open_for, held_for = pipe.execute()
        tripped = int(count or 0) >= failures
        state: State = "closed" if not tripped else "open" if open_for > 0 else "half_open"
        return Standing(state, int(count or 0), max(open_for, held_for, 0) / 1000)

    def calls(self) -> Mapping[tuple[str, str], tuple[int, float]]:
        """Return {(service, outcome): (calls, seconds they took)} since it began to count."""
        with redis().pipeline(transaction=True) as pipe:
            pipe.hgetall(_CALLS)
            pipe.hgetall(_TIMES)
            counts, times = pipe.execute()
        found = {}
        for field, count in counts.items():
            service, _, outcome = field.decode().rpartition(" ")
            found[service, outcome] = (int(count), int(times.get(field, 0)) / 1000)
        return found
