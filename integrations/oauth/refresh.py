"""When a token is renewed, who waits for that, and what is given meanwhile."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Row
from sqlalchemy.exc import SQLAlchemyError

from db.session import transaction
from integrations.errors import Deferred, Permanent, Transient
from integrations.oauth import attempts, notes
from integrations.oauth.connections import opened, row
from integrations.oauth.decisions import GIVE, RENEW, Wish, decide, lives, resting
from integrations.oauth.interface import WAIT_FOR_KEYS, AccessToken, NotConnected, Provider
from integrations.oauth.providers import BadProvidersError, providers
from integrations.oauth.retries import at_stake
from telemetry import describe

_LOOK_EVERY = (0.05, 0.5)  # seconds, at first and at last


def fresh(provider: Provider, account: str, *, but_not: int | None = None) -> AccessToken:
    """Return a token, after an exchange if that is needed: by us, or by whoever is at it.

    `but_not` is the version of one that will not do. Raises NotConnected, Transient, Deferred.
    """
    try:
        return _in_turn(provider, account, but_not)
    except (Transient, Permanent, Deferred):
        kept = _connection(provider.name, account)
        if lives(kept, but_not):
            return access(kept)
        raise


def _in_turn(provider: Provider, account: str, but_not: int | None) -> AccessToken:
    begun, (pause, longest) = time.monotonic(), _LOOK_EVERY
    first = kept = _after_refusal(provider, account, but_not)
    while (step := decide(kept, _wish(provider, kept, first, but_not, begun))) != GIVE:
        if isinstance(step, Exception):
            raise step
        anyway = kept.token_version == but_not
        if step != RENEW or not attempts.make(provider, kept, anyway=anyway):
            time.sleep(pause)
            pause = min(2 * pause, longest)
        kept = _connection(provider.name, account)
    return access(kept)


def _wish(
    provider: Provider, kept: Row[Any], first: Row[Any], but_not: int | None, begun: float
) -> Wish:
    busy = attempts.under_way(provider, kept)
    waited = time.monotonic() - begun
    return Wish(first=first.token_version, but_not=but_not, waited=waited, busy=busy)


def _after_refusal(provider: Provider, account: str, but_not: int | None) -> Row[Any]:
    """Return the connection; before that take down that its token is refused, if that matters.

    It does where it is renewed at a price, or not at all: one answer may be the service's mistake.
    """
    kept = _connection(provider.name, account)
    at_risk = kept.refresh_token is None or at_stake(provider, kept) is not None
    if kept.token_version != but_not or not at_risk:
        return kept
    notes.refused(kept)
    return _connection(provider.name, account)


def ahead(provider: Provider, account: str, version: int) -> bool:
    """Renew a token before anybody needs that; return whether we did. Waits for nobody.

    Raises NotConnected, Transient, Deferred.
    """
    with stores(provider.name):
        kept = _connection(provider.name, account)
        if kept.token_version != version or resting(kept) is not None:
            return False
        return not attempts.under_way(provider, kept) and attempts.make(provider, kept)


def retry(service: str, account: str) -> bool:
    """Renew a token now, though that was given up, or rests; return whether we did.

    One without a refresh token is taken for good again. Raises NotConnected, Transient, Deferred.
    """
    provider = known(service)
    with stores(service):
        notes.forget_failures(_connection(service, account))
        kept = _connection(service, account)
        if kept.refresh_token is None or attempts.under_way(provider, kept):
            return False
        return attempts.make(provider, kept, anyway=True)


def known(service: str) -> Provider:
    """Return a provider. Raises NotConnected, and Deferred where the team's own cannot be used."""
    try:
        found = providers().get(service)
    except BadProvidersError as error:
        raise Deferred(str(error), wait=WAIT_FOR_KEYS) from None
    if found is None:
        raise NotConnected(f"nothing is known of a provider {service}")
    return found


@contextmanager
def stores(service: str) -> Iterator[None]:
    """Raise Transient where Postgres is away, or a row of its stays locked."""
    try:
        yield
    except SQLAlchemyError as error:
        raise Transient(f"{service}: its connection is not at hand: {describe(error)}") from None


def access(kept: Row[Any]) -> AccessToken:
    """Return the row's token. Raises Locked."""
    return AccessToken(
        value=opened(kept, "access") or "",
        version=kept.token_version,
        type=kept.token_type,
        expires_at=kept.expires_at,
        external_id=kept.external_id,
    )


def _connection(service: str, account: str) -> Row[Any]:
    """Return the connection. Raises NotConnected."""
    with transaction() as session:
        kept = row(session, service, account)
    if kept is None or kept.status == "revoked":
        raise NotConnected(f"{service}: {'revoked' if kept else 'not connected'}")
    return kept
