"""Calls to services: their breakers, their limits, and whether any call succeeds."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from integrations import outbound
from integrations.outbound.keeper import Lately, Standing
from integrations.outbound.limits import SERVICES
from integrations.targets import TARGETS
from settings import settings
from worker.signals.chance import surely
from worker.signals.reason import Look, Reason, State
from worker.signals.words import age, counted, percent

PARTS = {"posthog.api": "posthog", "cloudflare": "r2"}
"""As whose calls those to a part of a service count."""
_MINUTES = 10
_FEW = 20  # calls, as events
_ASKED, _SPENT = "deferred:retry_after", "deferred:limit"
_FAILED = ("transient", "permanent")


def last_calls(lately: Lately) -> dict[str, datetime]:
    """Return when a call to each service succeeded last."""
    found: dict[str, datetime] = {}
    for (name, outcome), at in lately.last.items():
        if outcome == "ok":
            service = PARTS.get(name, name)
            found[service] = max(at, found.get(service, at))
    return found


def lately() -> Lately:
    """Return what came of the calls of the last minutes."""
    return outbound.lately(_MINUTES)


def reasons(look: Look, calls: Lately) -> Iterator[tuple[str, Reason]]:
    """Yield who is not called, who may not be called as often as we want, and who fails."""
    mine = [name for name in SERVICES if PARTS.get(name, name) in look.services]
    for name, standing in outbound.states(mine).items():
        service = PARTS.get(name, name)
        made = _Made(name, calls)
        if standing.state != "closed":
            yield service, _open(look, made, standing)
        elif failing := _failing(look, made):
            yield service, failing
        if pressed := _pressed(look, made, standing):
            yield service, pressed


class _Made:
    """The calls of the last minutes to one service."""

    def __init__(self, name: str, calls: Lately) -> None:
        self.name = name
        self._calls = calls

    def count(self, *outcomes: str) -> int:
        """Return how many came to this."""
        return sum(sum(self.minutes(outcome).values()) for outcome in outcomes)

    def minutes(self, outcome: str) -> Mapping[datetime, int]:
        """Return how many came to this in each minute."""
        return self._calls.minutes.get((self.name, outcome), {})

    def last(self, *outcomes: str) -> datetime | None:
        """Return when one came to this last."""
        times = [self._calls.last.get((self.name, outcome)) for outcome in outcomes]
        return max((at for at in times if at), default=None)

    def first(self, *outcomes: str, after: datetime | None = None) -> datetime | None:
        """Return the first minute in which one came to this."""
        times = [at for outcome in outcomes for at in self.minutes(outcome)]
        return min((at for at in times if after is None or at >= after), default=None)


def _aged(look: Look, since: datetime | None) -> State:
    """Return how bad it is that no call succeeds: what a retry may mend is only slow."""
    patience = settings().watch.watch_patience_seconds
    return "failing" if since is not None and since <= look.ago(patience) else "degraded"


def _open(look: Look, made: _Made, standing: Standing) -> Reason:
    put_off = made.count("deferred:open", "deferred:probing")
    waits = f"; {counted(put_off, 'call')} put off in {_MINUTES} minutes" if put_off else ""
    next_ = f"in {age(standing.seconds)} one tries again" if standing.seconds else "the next tries"
    return _told(
        made,
        "breaker_open",
        _aged(look, standing.since),
        f"Calls to {made.name} failed {standing.failures} times in a row; none is made, {next_}"
        f"{waits}.",
        standing.since,
        cause=made.name,
        mend="see the service's status page; what waits is done when it answers again",
    )


def _failing(look: Look, made: _Made) -> Reason | None:
    """Return that none succeeds any more, or that too many do not."""
    fine, failed = made.count("ok"), made.count(*_FAILED)
    last = made.last("ok")
    since = made.first(*_FAILED, after=last)
    in_vain = failed >= settings().watch.watch_call_failures and not fine
    if in_vain and since is not None:
        how = "" if last is None else f"; the last success was {age(_ago(look, last))} ago"
        words = f"None of the last {counted(failed, 'call')} to {made.name} succeeded{how}."
        return _no_good(made, _aged(look, since), words, since)
    pressed = settings().watch.watch_pressed_percent / 100
    if fine + failed >= _FEW and surely(failed, fine + failed) > pressed:
        words = (
            f"{percent(failed / (fine + failed))} of the {fine + failed:,} calls to {made.name} "
            f"in {_MINUTES} minutes failed."
        )
        return _no_good(made, "degraded", words, made.first(*_FAILED))
    return None


def _no_good(made: _Made, state: State, words: str, since: datetime | None) -> Reason:
    refused = made.count("permanent") > made.count("transient")
    refusal = "it refuses what we ask: is its key still good? tallyman doctor --calls"
    away = "see the service's status page; what waits is tried again by itself"
    mend, cause = (refusal, "refused") if refused else (away, "away")
    return _told(made, "call_failing", state, words, since, f"{made.name} {cause}", mend)


def _pressed(look: Look, made: _Made, standing: Standing) -> Reason | None:
    """Return that a good part of the calls had to wait for the limit, ours or the service's."""
    put_off, made_ = made.count(_ASKED, _SPENT), made.count("ok", *_FAILED)
    share = settings().watch.watch_pressed_percent / 100
    lately = made.first(_ASKED, _SPENT, after=look.ago(120))
    if put_off < _FEW or surely(put_off, put_off + made_) <= share or lately is None:
        return None
    theirs = made.count(_ASKED) >= made.count(_SPENT)
    who = "it asks us to wait" if theirs else "the limit that we keep to is spent"
    more = f" for another {age(standing.seconds)}" if theirs and standing.seconds else ""
    return _told(
        made,
        "limiter_pressed",
        "degraded",
        f"{counted(put_off, 'call')} to {made.name} were put off in {_MINUTES} minutes: "
        f"{who}{more}.",
        made.first(_ASKED, _SPENT),
        f"{made.name} {'retry_after' if theirs else 'limit'}",
        "it is only slow: what waits is done in turn; CALL_LIMITS raises the limit",
    )


def _ago(look: Look, at: datetime) -> float:
    return max(0.0, (look.now - at).total_seconds())


def _told(  # noqa: PLR0917  a reason's own order
    made: _Made,
    code: str,
    state: State,
    words: str,
    since: datetime | None,
    cause: str,
    mend: str,
) -> Reason:
    waiting = f"tallyman effects list --target {made.name} --status waiting"
    look = waiting if made.name in TARGETS else f"tallyman status {made.name}"
    return Reason(code, state, words, since, cause, look=look, mend=mend, page="/services")
