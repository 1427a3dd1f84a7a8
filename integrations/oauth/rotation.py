"""From old keys to the first: tokens are encrypted anew, while all else goes on.

Every process must know the new key before: those that do not cannot open what it encrypted.
"""

import time
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row

from db.session import transaction
from integrations.oauth import vault
from integrations.oauth.connections import TABLE, opened, sql
from integrations.oauth.interface import Locked
from integrations.oauth.vault import Kind, Place
from integrations.outbound import deadline
from telemetry import log

AT_ONCE = 100  # rows of a transaction
_LOOK_EVERY = 0.2  # seconds, where a row is being refreshed
_log = log(__name__)

_OLD = f"""
    SELECT service, account, access_token, refresh_token FROM {TABLE}
    WHERE key_id <> :key_id AND (service, account) > (:service, :account)
    ORDER BY service, account LIMIT :count FOR UPDATE SKIP LOCKED
"""  # noqa: S608  our own table

_WRITE = f"""
    UPDATE {TABLE} SET access_token = :access, refresh_token = :refresh, key_id = :key_id
    WHERE service = :service AND account = :account
"""  # noqa: S608  our own table

_LEFT = f"SELECT count(*) FROM {TABLE} WHERE key_id <> :key_id"  # noqa: S608  our own table
_SOME_LEFT = f"""
    SELECT service, account FROM {TABLE} WHERE key_id <> :key_id LIMIT :count
"""  # noqa: S608  our own table
_IDS = f"""
    SELECT key_id, count(*) AS connections FROM {TABLE} WHERE key_id IS NOT NULL GROUP BY key_id
"""  # noqa: S608  our own table

_STRANGE = f"""
    SELECT EXISTS (SELECT FROM {TABLE} WHERE key_id IS NOT NULL)
        AND NOT EXISTS (SELECT FROM {TABLE} WHERE key_id = ANY(:ids))
"""  # noqa: S608  our own table


Account = tuple[str, str]  # of a service


class Batch(NamedTuple):
    """How many connections were encrypted anew, and whose tokens none of the keys opens."""

    done: int
    unreadable: Sequence[Account]


def rotate(patience: float | None = None) -> Iterator[Batch]:
    """Encrypt all tokens with the first key; yield what became of them, batch by batch.

    It goes through all, and then for `patience` seconds, by default those of two exchanges, again
    through what others were writing meanwhile: one who writes with an old key for ever is not
    waited for. Raises Locked for want of a key.
    """
    patience, give_up = 2 * deadline() if patience is None else patience, None
    while True:
        unreadable = set[Account]()
        for batch in _pass():
            unreadable.update(batch.unreadable)
            yield batch
        now = time.monotonic()
        give_up = now + patience if give_up is None else give_up
        if now >= give_up or not _left_besides(unreadable):
            return
        time.sleep(_LOOK_EVERY)


def left() -> int:
    """Return how many connections are encrypted with another key than the first. Raises Locked."""
    with transaction() as session:
        return int(session.execute(sql(_LEFT), {"key_id": vault.key_id()}).scalar_one())


def _left_besides(unreadable: Collection[Account]) -> bool:
    """Return whether others than these are encrypted with another key than the first."""
    keys = {"key_id": vault.key_id(), "count": len(unreadable) + 1}
    with transaction() as session:
        found = session.execute(sql(_SOME_LEFT), keys)
        return any((kept.service, kept.account) not in unreadable for kept in found)


def key_ids() -> dict[str, int]:
    """Return how many connections are encrypted with which key."""
    with transaction() as session:
        return {row.key_id: row.connections for row in session.execute(sql(_IDS))}


def check_keys() -> None:
    """Raise Locked if nothing should be encrypted: without a key, or with one that opens nothing.

    A process that was given a wrong key would write what no other can read.
    """
    with transaction() as session:
        if session.execute(sql(_STRANGE), {"ids": list(vault.key_ids())}).scalar_one():
            raise Locked("all that is kept is encrypted with other keys")


def _pass() -> Iterator[Batch]:
    """Go through all connections once, but for those that are being written."""
    after = {"service": "", "account": ""}
    while True:
        with transaction() as session:
            keys = {"key_id": vault.key_id(), "count": AT_ONCE, **after}
            found = session.execute(sql(_OLD), keys).all()
            anew = {(kept.service, kept.account): _anew(kept) for kept in found}
            for values in filter(None, anew.values()):
                session.execute(sql(_WRITE), values)
        if not found:
            return
        lost = [place for place, values in anew.items() if values is None]
        yield Batch(len(found) - len(lost), lost)
        after = {"service": found[-1].service, "account": found[-1].account}


def _anew(kept: Row[Any]) -> dict[str, str | None] | None:
    """Return the columns of a row's tokens, encrypted anew; None where no key opens them."""
    keys = {"service": kept.service, "account": kept.account, "key_id": vault.key_id()}
    try:
        return {**keys, "access": _sealed(kept, "access"), "refresh": _sealed(kept, "refresh")}
    except Locked as locked:
        _log.warning("oauth.locked", service=kept.service, account=kept.account, error=str(locked))
        return None


def _sealed(kept: Row[Any], kind: Kind) -> str | None:
    token = opened(kept, kind)
    return token and vault.seal(Place(kept.service, kept.account, kind), token)
