"""One attempt to renew a token: a mark, a lock, the exchange, and what it brings is kept.

    active, expiring, exhausted until retry_at
      |
      |  mark: committed before anything is asked, so that a death leaves a trace
      v
    refreshing -- lock, exchange --+--> active     a new pair, token_version + 1
      |  ^                         +--> expiring   it may pass: again at retry_at
      |  |                         +--> exhausted  refused: until `retry`; for days in vain: daily
      |  |                         +--> revoked    taken back: wiped
      +--+  nobody works on it: after `handover` the next one takes the mark over

The row stays locked during the exchange, in the transaction that writes what it brings. But a
connection to Postgres may end while its owner lives, and then nothing tells him from a dead one.
So a mark is taken over when no owner can be at work any more:

    mark --(at most TO_LOCK)--> lock --(at most deadline())--> answer
         --(at most TO_NOTICE)--> Postgres is away --(TO_KEEP for it to be back)--> kept

Where the provider answers a used refresh token once more, a second exchange beside the first does
no harm, and TO_LOCK is enough. Whoever was given tokens writes them as long as the row has the ones
that they replace, whatever stands there besides: they are the only ones that work. So he tries for
longer than the mark is his.
"""

import time
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row
from sqlalchemy.orm import Session

from db.session import transaction
from fault_points import reach
from integrations.errors import Deferred, Permanent, Transient
from integrations.oauth import exchange, outcomes, vault
from integrations.oauth.answers import Grant
from integrations.oauth.connections import TABLE, be_patient, opened, row, sql
from integrations.oauth.interface import Provider
from integrations.oauth.retries import Failure, at_stake
from integrations.outbound import deadline
from telemetry import describe, log

TO_LOCK = 2.0  # seconds
TO_NOTICE = 25.0  # seconds that a commit hangs if nobody answers: keepalives of db/session.py
TO_KEEP = 5.0  # seconds: a database that is started again is back by then
_KEEP_ON = 60.0  # seconds: one that another takes the place of is there by then
_AGAIN = 0.5  # seconds between two tries to keep what was given
_log = log(__name__)


def longest() -> float:
    """Return how many seconds after its mark nobody can be at work on an attempt any more."""
    return TO_LOCK + deadline() + TO_NOTICE + TO_KEEP


def handover(provider: Provider) -> float:
    """Return after how many seconds a mark that nobody works on may be taken over."""
    return TO_LOCK if provider.grace else longest()


def under_way(provider: Provider, kept: Row[Any]) -> bool:
    """Return whether somebody may be at work on the row."""
    return kept.status == "refreshing" and (kept.marked_for or 0.0) <= handover(provider)


def make(provider: Provider, kept: Row[Any], *, anyway: bool = False) -> bool:
    """Renew the row's token; return whether we did, and not another.

    `anyway`: though the token may be lost that works still. Raises NotConnected, Transient and
    Deferred; that is in the row by then. Raises Locked before anything is asked.
    """
    refresh_token = opened(kept, "refresh") or ""
    vault.key_id()  # what comes has to be sealed
    if (mine := _marked(kept)) is None:
        return False
    reach("oauth.marked")
    return _carried_out(provider, kept, mine, refresh_token, anyway=anyway)


# The row has to be what it was when we decided, and nobody may hold it. It rests no more: who dies
# now is to be followed soon.
_MARK = f"""
    UPDATE {TABLE} SET status = 'refreshing', attempt = :mine, attempt_at = clock_timestamp(),
        interrupted_at = CASE WHEN status = 'refreshing' THEN coalesce(interrupted_at, attempt_at)
            ELSE interrupted_at END, retry_at = NULL
    WHERE (service, account) IN (
        SELECT service, account FROM {TABLE} WHERE service = :service AND account = :account
            AND token_version = :version AND status = :status
            AND attempt IS NOT DISTINCT FROM CAST(:attempt AS uuid)
            AND retry_at IS NOT DISTINCT FROM CAST(:retry_at AS timestamptz)
        FOR UPDATE SKIP LOCKED)
    RETURNING attempt
"""  # noqa: S608  our own table


def _marked(kept: Row[Any]) -> UUID | None:
    """Mark the row as being renewed by us; None if it is not as it was, or somebody holds it."""
    seen = {name: getattr(kept, name) for name in ("service", "account", "status", "attempt")}
    told = seen | {"version": kept.token_version, "retry_at": kept.retry_at, "mine": uuid4()}
    with transaction() as session:
        found = session.execute(sql(_MARK), told).scalar_one_or_none()
    return found if isinstance(found, UUID) else None


def _carried_out(
    provider: Provider, kept: Row[Any], mine: UUID, refresh_token: str, *, anyway: bool
) -> bool:
    """Make the exchange under the row's lock, and keep what it brought."""
    locked: Row[Any] | None = None
    found: Grant | Failure | None = None
    try:
        with transaction() as session:
            if (locked := _locked(session, kept)) is None or locked.attempt != mine:
                return False
            found = _found(provider, locked, refresh_token, anyway=anyway)
            failure = outcomes.settle(session, provider, locked, found, begun=locked.read_at)
    except Exception as error:
        if locked is None or not isinstance(found, Grant):
            raise
        _log.error("oauth.unkept", service=kept.service, error=describe(error))
        failure = _written_late(provider, locked, found)
    if failure is not None:
        raise failure
    return True


def _locked(session: Session, kept: Row[Any]) -> Row[Any] | None:
    be_patient(session, TO_LOCK)
    return row(session, kept.service, kept.account, lock=True)


def _found(
    provider: Provider, kept: Row[Any], refresh_token: str, *, anyway: bool
) -> Grant | Failure:
    """Return what the provider gave, or why it did not, or was not asked."""
    if not anyway and (not_now := at_stake(provider, kept)) is not None:
        return not_now
    try:
        return exchange.refresh(provider, refresh_token)
    except (Transient, Permanent, Deferred) as failure:
        return failure
    except Exception as error:  # noqa: BLE001  a provider's functions may be the team's own
        return Transient(f"{provider.name}: {describe(error)}", unknown=True)
    finally:
        reach("oauth.exchanged")


def _written_late(provider: Provider, kept: Row[Any], found: Grant) -> Failure | None:
    """Write what the provider gave though that failed; return what it means to who asked."""
    end = time.monotonic() + _KEEP_ON
    while True:
        try:
            return _settled(provider, kept, found)
        except Exception as error:  # noqa: BLE001  whatever it is: nobody else has these tokens
            if time.monotonic() > end:
                _log.error("oauth.lost", service=kept.service, error=describe(error))
                break
        time.sleep(_AGAIN)
    lost = Transient(f"{kept.service}: what it gave could not be kept", unknown=True)
    with suppress(Exception):  # then the mark tells of it
        _settled(provider, kept, lost)
    return lost


def _settled(provider: Provider, kept: Row[Any], found: Grant | Failure) -> Failure | None:
    """Write what was found, unless the row has other tokens by now."""
    with transaction() as session:
        now = _locked(session, kept)
        if now is not None and now.token_version == kept.token_version:
            return outcomes.settle(session, provider, now, found, begun=kept.read_at)
    if not (now and isinstance(found, Grant) and opened(now, "access") == found.access_token):
        _log.error("oauth.dropped", service=kept.service, account=kept.account)
    return None
