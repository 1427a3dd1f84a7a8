"""The rows of connections: written with what a provider gave, read, and wiped."""

import random
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlalchemy.orm import Session

from db.models.oauth import OAuthConnection
from integrations.oauth import vault
from integrations.oauth.answers import Grant
from integrations.oauth.interface import Held, Provider
from integrations.oauth.vault import Place
from integrations.outbound import deadline
from integrations.schema import JSON, clean, dump
from settings import settings

TABLE = OAuthConnection.__table__.fullname  # type: ignore[attr-defined]  # as in worker/ledger.py
_SPARE = 3.0  # seconds that a lock is waited for beyond an exchange
PART = 4  # at most one part in so many of a token's life is its margin


def sql(statement: str) -> TextClause:
    """Return a statement of ours."""
    return text(statement)


_STORE = f"""
    INSERT INTO {TABLE} AS kept (service, account, external_id, scopes, token_type, access_token,
        refresh_token, key_id, expires_at, refresh_expires_at, refresh_at, connected_by, extra,
        last_used_at)
    VALUES (:service, :account, :external_id, :scopes, :token_type, :access_token, :refresh_token,
        :key_id, now() + make_interval(secs => CAST(:expires_in AS float8)),
        now() + make_interval(secs => CAST(:refresh_expires_in AS float8)),
        now() + make_interval(secs => CAST(:refresh_in AS float8)),
        :by, CAST(:extra AS jsonb), now())
    ON CONFLICT (service, account) DO UPDATE SET status = 'active',
        external_id = excluded.external_id, scopes = excluded.scopes,
        token_type = excluded.token_type, access_token = excluded.access_token,
        refresh_token = excluded.refresh_token, key_id = excluded.key_id,
        token_version = kept.token_version + 1, granted_at = now(),
        expires_at = excluded.expires_at, refresh_expires_at = excluded.refresh_expires_at,
        refresh_at = excluded.refresh_at, attempt = NULL, attempt_at = NULL, interrupted_at = NULL,
        last_refresh_at = NULL, last_failure_at = NULL, last_error_code = NULL, failures = 0,
        failing_since = NULL, retry_at = NULL, refused_at = NULL,
        connected_by = excluded.connected_by,
        connected_at = now(), last_used_at = now(), extra = excluded.extra
    WHERE kept.status = 'revoked' OR kept.external_id IN ('', excluded.external_id)
    RETURNING account
"""  # noqa: S608  our own table


def store(session: Session, provider: Provider, account: str, grant: Grant, *, by: str) -> bool:
    """Write a connection that somebody made, over the one that was there. Raises Locked.

    Return whether it was: one to a known account of the service gives way to that account alone.
    `by` says who, `account` is what the team calls the account. Scopes that the answer does not
    tell are those that were asked for: RFC 6749, 5.1.
    """
    asked = tuple(provider.scopes())
    values = {
        "service": provider.name,
        "account": account,
        "external_id": clean(grant.external_id),
        "scopes": clean(list(asked if grant.scopes is None else grant.scopes)),
        "token_type": clean(grant.token_type),
        "by": by,
        "extra": dump(clean(grant.extra)),
    }
    values |= sealed(provider, account, grant) | times(provider, grant)
    return session.execute(sql(_STORE), values).first() is not None


def sealed(provider: Provider, account: str, grant: Grant) -> JSON:
    """Return the columns of a grant's tokens, encrypted. Raises Locked."""
    refresh = grant.refresh_token
    kept = refresh and vault.seal(Place(provider.name, account, "refresh"), refresh)
    access = vault.seal(Place(provider.name, account, "access"), grant.access_token)
    return {"access_token": access, "refresh_token": kept, "key_id": vault.key_id()}


def times(provider: Provider, grant: Grant) -> JSON:
    """Return in how many seconds the tokens end, and are refreshed ahead; None is never.

    That is two to three margins before the end, so that those of many do not meet, and whoever
    asks for one need not wait.
    """
    life = grant.expires_in or None  # nothing lives for no time: some say so of what never ends
    if life is None and provider.lifetime is not None:
        life = provider.lifetime.total_seconds()
    unused = grant.refresh_expires_in
    if unused is None and provider.refresh_lifetime is not None:
        unused = provider.refresh_lifetime.total_seconds()
    ahead = None if life is None else life - margin(life) * random.uniform(2, 3)
    return {"expires_in": life, "refresh_expires_in": unused, "refresh_in": ahead}


def margin(life: float) -> float:
    """Return how many seconds before its end a token that lives so long is used no more."""
    return min(settings().oauth.oauth_margin_seconds, life / PART)


def _since(column: str) -> str:
    return f"CAST(extract(epoch FROM clock_timestamp() - {column}) AS float8)"


_ROW = f"""
    SELECT *, clock_timestamp() AS read_at,
        -{_since("expires_at")} AS left, -{_since("retry_at")} AS wait,
        CAST(extract(epoch FROM expires_at - granted_at) AS float8) AS life,
        {_since("granted_at")} AS age, {_since("attempt_at")} AS marked_for,
        {_since("interrupted_at")} AS doubted_for, {_since("failing_since")} AS failing_for,
        {_since("last_failure_at")} AS failed_for, {_since("refused_at")} AS refused_for,
        coalesce(last_used_at > now() - interval '1 hour', false) AS used_lately
    FROM {TABLE} WHERE service = :service AND account = :account
"""  # noqa: S608  our own table


def row(session: Session, service: str, account: str, *, lock: bool = False) -> Row[Any] | None:
    """Return a connection, None where there is none; `lock` keeps others from writing it.

    With lengths of time in seconds, by the database's clock at `read_at`, not at the transaction's
    begin: what is `left` of the access token's `life`, its `age`, the `wait` until it may be tried
    again, and since when it is marked, in doubt, failing, failed last, and was refused first.
    """
    keys = {"service": service, "account": account}
    return session.execute(sql(_ROW + (" FOR UPDATE" if lock else "")), keys).first()


def be_patient(session: Session, seconds: float | None = None) -> None:
    """Have this transaction wait for a row so long, or as long as the exchange of another takes."""
    wait = deadline() + _SPARE if seconds is None else seconds
    session.execute(sql(f"SET LOCAL lock_timeout = '{wait * 1000:.0f}ms'"))


def held(kept: Row[Any]) -> Held:
    """Return a connection's tokens. Raises Locked."""
    return Held(
        access_token=opened(kept, "access") or "",
        refresh_token=opened(kept, "refresh"),
        external_id=kept.external_id,
    )


def opened(kept: Row[Any], kind: vault.Kind) -> str | None:
    """Return one of a row's tokens, None where there is none. Raises Locked."""
    found = getattr(kept, f"{kind}_token")
    return found and vault.opened(Place(kept.service, kept.account, kind), found)


WIPE = f"""
    UPDATE {TABLE} SET status = 'revoked', access_token = NULL, refresh_token = NULL, key_id = NULL,
        token_version = token_version + 1, expires_at = NULL, refresh_expires_at = NULL,
        refresh_at = NULL, retry_at = NULL, attempt = NULL, attempt_at = NULL,
        interrupted_at = NULL, refused_at = NULL, last_error_code = :code
    WHERE service = :service AND status <> 'revoked'
"""  # noqa: S608  our own table


def wipe(session: Session, service: str, account: str, code: str) -> bool:
    """Mark a connection as revoked, and forget its tokens; return whether it was not already."""
    keys = {"service": service, "account": account, "code": code}
    done = session.execute(sql(f"{WIPE} AND account = :account RETURNING account"), keys)
    return done.first() is not None
