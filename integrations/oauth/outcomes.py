"""What becomes of a connection when its token was renewed, or was not."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from integrations.errors import Deferred, Permanent, Transient
from integrations.oauth.answers import Grant
from integrations.oauth.connections import TABLE, opened, sealed, sql, times, wipe
from integrations.oauth.interface import Misconfigured, NotConnected, Provider, Refused
from integrations.oauth.retries import DAY, AtStake, Failure, given_up, pause, unknown
from integrations.schema import clean
from settings import settings
from telemetry import log

INTERRUPTED = "interrupted_refresh"
"""The refresh token is refused, and it may have been we who used it up: a process was killed."""
_log = log(__name__)


def settle(
    session: Session, provider: Provider, kept: Row[Any], found: Grant | Failure, *, begun: datetime
) -> Failure | None:
    """Write what a provider gave, or why not; return what that means to who asked, None for good.

    The row is locked in the session. Nothing of it may be used before the commit. `begun` is when
    the provider was asked: what it says of lengths of time counts from then.
    """
    if isinstance(found, Grant):
        _renewed(session, provider, kept, found, begun)
        return None
    if isinstance(found, AtStake):
        _given_back(session, kept, found.wait, rests=True)
        return found
    if isinstance(found, Deferred):
        _given_back(session, kept, min(found.wait, settings().oauth.oauth_cooldown_seconds))
        return found
    if isinstance(found, Refused):
        return _ended(session, provider, kept, found)
    return _failed(session, provider, kept, found)


_RENEW = f"""
    UPDATE {TABLE} SET status = 'active', access_token = :access_token,
        refresh_token = :refresh_token, key_id = :key_id,
        token_type = :token_type, scopes = coalesce(CAST(:scopes AS text[]), scopes),
        token_version = token_version + 1, granted_at = :begun,
        last_refresh_at = clock_timestamp(),
        expires_at = :begun + make_interval(secs => CAST(:expires_in AS float8)),
        refresh_expires_at = :begun + make_interval(secs => CAST(:refresh_expires_in AS float8)),
        refresh_at = :begun + make_interval(secs => CAST(:refresh_in AS float8)),
        attempt = NULL, attempt_at = NULL, interrupted_at = NULL, retry_at = NULL,
        refused_at = NULL, last_error_code = NULL, failures = 0, failing_since = NULL
    WHERE service = :service AND account = :account
"""  # noqa: S608  our own table


def _renewed(
    session: Session, provider: Provider, kept: Row[Any], found: Grant, begun: datetime
) -> None:
    """Write the new pair. An answer without a refresh token leaves the old one: RFC 6749, 6."""
    whole = found if found.refresh_token else _with_the_old(kept, found)
    values = sealed(provider, kept.account, whole) | times(provider, found)
    scopes = None if found.scopes is None else clean(list(found.scopes))
    told = {"token_type": clean(found.token_type), "scopes": scopes, "begun": begun}
    session.execute(sql(_RENEW), _key(kept) | values | told)
    _log.info("oauth.refreshed", service=kept.service, account=kept.account)


def _with_the_old(kept: Row[Any], found: Grant) -> Grant:
    return replace(found, refresh_token=opened(kept, "refresh"))


_GIVE_BACK = f"""
    UPDATE {TABLE} SET attempt = NULL, attempt_at = NULL,
        status = CASE WHEN failures > 0 OR interrupted_at IS NOT NULL THEN 'expiring'
            ELSE 'active' END,
        failing_since = CASE WHEN NOT :rests THEN failing_since END,
        retry_at = clock_timestamp() + make_interval(secs => CAST(:wait AS float8))
    WHERE service = :service AND account = :account
"""  # noqa: S608  our own table


def _given_back(session: Session, kept: Row[Any], wait: float, *, rests: bool = False) -> None:
    """Leave it as it was: nothing was sent. While it `rests` it is not failing."""
    session.execute(sql(_GIVE_BACK), _key(kept) | {"wait": wait, "rests": rests})


def _failed(
    session: Session, provider: Provider, kept: Row[Any], found: Transient | Permanent
) -> Failure:
    """Take a failure down that may pass. After days of them it is tried once a day.

    What we have set up wrongly does not count, and ends the count.
    """
    ours = isinstance(found, Permanent)
    over = given_up(kept, found)
    wait = max(pause(provider, kept, found), DAY if over else 0.0)
    status = "exhausted" if over else "expiring"
    _written(
        session, kept, status, _code(found), counts=not ours, unknown=unknown(found), wait=wait
    )
    if over:
        return NotConnected(f"{kept.service}: exhausted, it failed for days: {found}")
    return Transient(str(found)) if ours else found


def _code(found: Transient | Permanent) -> str:
    if isinstance(found, Misconfigured):
        return found.code
    if isinstance(found, Transient):
        return "no_whole_answer" if found.unknown else "unavailable"
    return "misconfigured"


def _ended(session: Session, provider: Provider, kept: Row[Any], found: Refused) -> NotConnected:
    """Take down that the provider takes the refresh token no more, and why that may be."""
    interrupted = kept.interrupted_at is not None
    code = INTERRUPTED if interrupted else found.code
    if found.code in provider.revoked:
        wipe(session, kept.service, kept.account, code)
    else:
        _written(session, kept, "exhausted", code, counts=True)
    tell = _log.error if interrupted else _log.warning
    tell("oauth.ended", service=kept.service, account=kept.account, code=code)
    return NotConnected(f"{kept.service}: it has to be connected again ({code})")


_FAIL = f"""
    UPDATE {TABLE} SET status = :status, last_error_code = :code, failures = failures + 1,
        last_failure_at = clock_timestamp(),
        failing_since = CASE WHEN :counts THEN coalesce(failing_since, clock_timestamp()) END,
        interrupted_at = CASE WHEN :unknown THEN coalesce(interrupted_at, attempt_at)
            ELSE interrupted_at END,
        attempt = NULL, attempt_at = NULL,
        retry_at = clock_timestamp() + make_interval(secs => CAST(:wait AS float8))
    WHERE service = :service AND account = :account
"""  # noqa: S608  our own table


def _written(
    session: Session,
    kept: Row[Any],
    status: str,
    code: str,
    *,
    counts: bool,
    unknown: bool = False,
    wait: float | None = None,
) -> None:
    """Write a failure; without a `wait` it is not tried again."""
    told = {"status": status, "code": code, "counts": counts, "unknown": unknown, "wait": wait}
    session.execute(sql(_FAIL), _key(kept) | told)
    _log.warning("oauth.failed", service=kept.service, account=kept.account, code=code)


def _key(kept: Row[Any]) -> dict[str, str]:
    return {"service": kept.service, "account": kept.account}
