"""A token to call a service with on behalf of an account: the one door for integrations and users.

    with_token("posthog", "team_1", lambda token: get(url, headers=token.headers))

Where the call raises TokenRefused, for a 401, it is made once more, with another token.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from sqlalchemy import Row

from db.session import transaction
from integrations.oauth import decisions, refresh
from integrations.oauth.connections import TABLE, row, sql
from integrations.oauth.interface import AccessToken

Found = TypeVar("Found")

_flights = WeakValueDictionary[tuple[str, str], Lock]()  # those that somebody waits for
os.register_at_fork(after_in_child=_flights.clear)  # who holds one in the parent is not here


class TokenRefused(Exception):
    """The service answered 401 to a token."""


def token(service: str, account: str, *, but_not: int | None = None) -> AccessToken:
    """Return a token that works for a while: that of the row, or one that is fetched for it.

    `but_not` is the `version` of a token that the service refused. Raises NotConnected (a
    Permanent), Transient, also where Postgres is away, and Deferred: nothing was tried, as it
    failed a moment ago, the provider is not called now, what is encrypted cannot be read, or the
    team's own providers cannot be used.
    """
    provider = refresh.known(service)
    with refresh.stores(service):
        kept = _used(service, account)
        if kept is not None and kept.status != "revoked" and decisions.good(kept, but_not):
            return refresh.access(kept)
        with _alone(service, account):
            return refresh.fresh(provider, account, but_not=but_not)


def with_token(service: str, account: str, call: Callable[[AccessToken], Found]) -> Found:
    """Return what a call with the token returned; raises what `token` and the call do.

    Raises TokenRefused if the next token is refused, too.
    """
    first = token(service, account)
    try:
        return call(first)
    except TokenRefused:
        return call(token(service, account, but_not=first.version))


# to the hour, and not while it is refreshed: that is a use, too
_USED = f"""
    UPDATE {TABLE} SET last_used_at = now() WHERE (service, account) IN (
        SELECT service, account FROM {TABLE} WHERE service = :service AND account = :account
            AND (last_used_at IS NULL OR last_used_at < now() - interval '1 hour')
        FOR UPDATE SKIP LOCKED)
"""  # noqa: S608  our own table


def _used(service: str, account: str) -> Row[Any] | None:
    """Return the connection, having taken down that it is used."""
    with transaction() as session:
        kept = row(session, service, account)
        if kept is not None and not kept.used_lately:
            session.execute(sql(_USED), {"service": service, "account": account})
    return kept


@contextmanager
def _alone(service: str, account: str) -> Iterator[None]:
    """Have the threads of this process wait here, where that costs no connection to Postgres.

    Who has waited for a while goes on all the same: the row knows what is to be done.
    """
    flight = _flights.setdefault((service, account), Lock())
    mine = flight.acquire(timeout=decisions.BRIEF)
    try:
        yield
    finally:
        if mine:
            flight.release()
