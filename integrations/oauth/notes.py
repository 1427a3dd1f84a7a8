"""What is taken down of a connection without an attempt to renew it."""

from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from db.session import transaction
from integrations.oauth.connections import TABLE, sql
from settings import settings

# who holds the row knows better
_FREE = f"""
    (service, account) IN (SELECT service, account FROM {TABLE}
        WHERE service = :service AND account = :account FOR UPDATE SKIP LOCKED)
"""  # noqa: S608  our own table

# two that lie days apart are not one after the other
_LATELY = "refused_at > clock_timestamp() - interval '2 days'"
_AGAIN = f"{_LATELY} AND refused_at <= clock_timestamp() - make_interval(secs => :cooldown)"
_REFUSED = f"""
    UPDATE {TABLE} SET last_error_code = 'token_refused',
        status = CASE WHEN refresh_token IS NOT NULL THEN status
            WHEN {_AGAIN} THEN 'exhausted' ELSE 'expiring' END,
        refused_at = CASE WHEN {_LATELY} THEN refused_at ELSE clock_timestamp() END
    WHERE {_FREE} AND token_version = :version AND status IN ('active', 'expiring')
"""  # noqa: S608  our own table


def refused(kept: Row[Any]) -> None:
    """Take down that the service refuses a token. The second time ends one that is not renewed."""
    told = {"version": kept.token_version, "cooldown": settings().oauth.oauth_cooldown_seconds}
    _write(_REFUSED, kept.service, kept.account, **told)


_FORGIVE = f"""
    UPDATE {TABLE} SET status = 'active', refused_at = NULL, last_error_code = NULL
    WHERE (service, account) IN (
        SELECT service, account FROM {TABLE} WHERE service = :service AND refresh_token IS NULL
            AND status = 'expiring' AND NOT {_LATELY}
        FOR UPDATE SKIP LOCKED)
"""  # noqa: S608  our own table


def forgive(session: Session, service: str) -> None:
    """Take for good again what was refused once, and not again for days."""
    session.execute(sql(_FORGIVE), {"service": service})


_UNOPENED = f"""
    UPDATE {TABLE} SET last_error_code = 'locked', failures = failures + 1,
        status = CASE WHEN status = 'active' THEN 'expiring' ELSE status END,
        last_failure_at = clock_timestamp(), retry_at = clock_timestamp() + interval '1 hour'
    WHERE {_FREE} AND status <> 'revoked'
"""  # noqa: S608  our own table


def unopened(service: str, account: str) -> None:
    """Take down that a row's tokens cannot be opened: it is looked at again in an hour."""
    _write(_UNOPENED, service, account)


_FORGET = f"""
    UPDATE {TABLE} SET failures = 0, failing_since = NULL, retry_at = NULL, refused_at = NULL,
        last_error_code = NULL,
        status = CASE WHEN refresh_token IS NULL THEN 'active' ELSE 'expiring' END
    WHERE service = :service AND account = :account AND status IN ('expiring', 'exhausted')
"""  # noqa: S608  our own table


def forget_failures(kept: Row[Any]) -> None:
    """Let it be tried again at once."""
    _write(_FORGET, kept.service, kept.account)


def _write(statement: str, service: str, account: str, **told: float) -> None:
    with transaction() as session:
        session.execute(sql(statement), {"service": service, "account": account, **told})
