"""Connections that stay alive: renewed ahead of need, kept from dying unused, given up in time."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Row

from db.session import transaction
from integrations.errors import Blocked, Deferred, Permanent, Transient
from integrations.oauth import attempts, notes, refresh, vault
from integrations.oauth.connections import TABLE
from integrations.oauth.interface import Locked, Provider
from integrations.oauth.providers import providers
from settings import settings
from telemetry import log
from worker import bell, inbox
from worker.arrays import array
from worker.ledger import sql
from worker.slots import slot

AT_ONCE = 100  # connections of a look
_log = log(__name__)

# Who has failed comes last: one that hangs takes a whole slice. One that nobody has used lately is
# only kept alive: daily, and well before its refresh token ends. What none of our keys opens waits.
# What was given up for its failures, and not for good, says when it is tried again. All of this
# looks at each row of the service, in 0.1 s for 100,000: no index knows what lies behind the ORs.
_DUE = f"""
    SELECT account, token_version, failing, since
    FROM {TABLE}, LATERAL (
        SELECT failures > 0 AS failing, coalesce(retry_at, refresh_at, granted_at) AS since) AS turn
    WHERE service = :service AND refresh_token IS NOT NULL
        AND key_id = ANY(CAST(:keys AS text[]))
        AND CASE WHEN retry_at IS NULL THEN status <> 'exhausted' ELSE retry_at <= now() END
        AND (status <> 'refreshing' OR attempt_at < now() - make_interval(secs => :abandoned))
        AND (refresh_at <= now() AND coalesce(last_used_at, connected_at) > now() - {{lively}}
            OR coalesce(refresh_at, refresh_expires_at) IS NOT NULL
                AND granted_at <= now() - least({{lively}}, (refresh_expires_at - granted_at) / 2)
            OR status = 'refreshing' OR retry_at IS NOT NULL)
        AND (failing, since, account) > (:failing, CAST(:since AS timestamptz), :account)
    ORDER BY failing, since, account LIMIT :count
""".format(lively="make_interval(secs => :lively)")  # noqa: S608  our own table
_FROM_THE_FIRST = {"failing": False, "since": "-infinity", "account": ""}

# What cannot be renewed ends when its access token does; what can, when its refresh token does: it
# is said of that only, as a service may take it for longer than it told.
_OVER = "(refresh_token IS NULL AND expires_at <= now())"
_FADE = f"""
    UPDATE {TABLE} SET status = CASE WHEN {_OVER} THEN 'exhausted' ELSE 'expiring' END,
        last_error_code = CASE WHEN {_OVER} THEN 'expired' ELSE last_error_code END
    WHERE (service, account) IN (
        SELECT service, account FROM {TABLE}
        WHERE service = :service AND status IN ('active', 'expiring')
            AND ({_OVER} OR status = 'active'
                AND {{end}} <= now() + least(interval '7 days', ({{end}} - granted_at) / 4))
        FOR UPDATE SKIP LOCKED)
""".format(  # noqa: S608  our own table
    end="CASE WHEN refresh_token IS NULL THEN expires_at ELSE refresh_expires_at END"
)


def renew(provider: Provider) -> str:
    """Renew what is due at a provider, for a slice of time; return how many were, and were not."""
    with slot(provider.gate, "oauth") as mine:
        if not mine:
            return "busy"
        if provider.name in inbox.paused():
            return "paused"
        try:
            return _renewed(provider, vault.key_ids())
        except Locked:
            return "locked"


def _renewed(provider: Provider, keys: Sequence[str]) -> str:
    end = time.monotonic() + settings().inbox.time_slice_seconds
    renewed = failed = 0
    for account, version in _due(provider, keys):
        if time.monotonic() > end:
            bell.ring(task(provider))
            break
        try:
            renewed += refresh.ahead(provider, account, version)
        except Blocked:  # the others would fare no better
            break
        except Locked as locked:  # it stands in the wrong row, or was changed
            _log.error("oauth.locked", service=provider.name, account=account, error=str(locked))
            notes.unopened(provider.name, account)
            failed += 1
        except (Transient, Permanent, Deferred):  # it is in the row, and in the log
            failed += 1
    return f"renewed={renewed} failed={failed}"


def task(provider: Provider) -> str:
    """Return the name of the task that renews what is due there."""
    return f"{provider.name}.oauth.refresh"


def _due(provider: Provider, keys: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield what is due, each once: what cannot be renewed keeps nobody from his turn."""
    with transaction() as session:
        notes.forgive(session, provider.name)
        session.execute(sql(_FADE), {"service": provider.name})
    after = _FROM_THE_FIRST
    while page := _page(provider, keys, after):
        for row in page:
            yield row.account, row.token_version
        after = {name: getattr(page[-1], name) for name in _FROM_THE_FIRST}


def _page(provider: Provider, keys: Sequence[str], after: dict[str, Any]) -> Sequence[Row[Any]]:
    given = {
        "service": provider.name,
        "keys": array(keys),
        "lively": settings().oauth.oauth_keep_alive_hours * 3600,
        "abandoned": attempts.handover(provider),
        "count": AT_ONCE,
    }
    with transaction() as session:
        return session.execute(sql(_DUE), given | after).all()


_LISTED = f"""
    SELECT service, account, status, external_id, scopes, expires_at, refresh_expires_at,
        last_refresh_at, last_failure_at, failures, failing_since, last_error_code, retry_at,
        connected_by, connected_at, last_used_at, token_version
    FROM {TABLE} WHERE CAST(:service AS text) IS NULL OR service = :service
    ORDER BY service, account LIMIT :limit
"""  # noqa: S608  our own table


def listed(service: str | None = None, limit: int | None = None) -> Sequence[Any]:
    """Return the connections, at most so many, without their tokens."""
    with transaction() as session:
        return session.execute(sql(_LISTED), {"service": service, "limit": limit}).all()


_STANDING = f"""
    SELECT service, status, count(*) AS connections, CAST(sum(failures) AS bigint) AS failures,
        CAST(min(extract(epoch FROM expires_at - now())) AS float8) AS ends_in,
        CAST(max(extract(epoch FROM now() - coalesce(last_refresh_at, connected_at))) AS float8)
            AS refreshed_ago
    FROM {TABLE} GROUP BY service, status ORDER BY service, status
"""  # noqa: S608  our own table


def standings() -> Sequence[Any]:
    """Return how many connections of each service have each status, and their extremes.

    With the failures since their last successes, in how many seconds the first token ends (null:
    none does), and how long ago the one was renewed that was not for the longest time.
    """
    with transaction() as session:
        return session.execute(sql(_STANDING)).all()


def known() -> list[str]:
    """Return the providers that are set up."""
    return [name for name, provider in providers().items() if provider.on()]
