"""The end of a connection: at the provider and here, or because the provider tells us."""

from collections.abc import Iterable
from operator import itemgetter

import requests
from sqlalchemy.orm import Session

from db.session import transaction
from integrations.errors import Deferred, Permanent, Transient
from integrations.interface import Event
from integrations.oauth import exchange
from integrations.oauth.connections import TABLE, WIPE, be_patient, held, row, sql, wipe
from integrations.oauth.interface import Held, Provider
from integrations.oauth.providers import ending
from telemetry import describe, log

_log = log(__name__)


def revoke(provider: Provider, account: str, *, anyway: bool = False) -> bool:
    """Have the provider forget what it gave, and wipe it here; return whether there was anything.

    Raises Permanent, Transient and Deferred, and then nothing is wiped; `anyway` wipes it then too.
    """
    with transaction() as session:
        be_patient(session)
        kept = row(session, provider.name, account, lock=True)
        if kept is None or kept.status == "revoked":
            return False
        try:
            ask(provider, held(kept))
        except (Permanent, Transient, Deferred) as error:
            if not anyway:
                raise
            _log.warning("oauth.unrevoked", service=provider.name, error=describe(error))
        return wipe(session, provider.name, account, "revoked_here")


def ask(provider: Provider, held: Held) -> None:
    """Have the provider forget what it gave. Raises Permanent, Transient, or Blocked."""
    if provider.revoke is not None:
        provider.revoke(provider, held)
    elif provider.endpoints().revoke:
        _by_rfc_7009(provider, held)


def _by_rfc_7009(provider: Provider, held: Held) -> None:
    """Revoke both tokens: that one ends the other is a SHOULD (2.1). What is unknown is revoked."""
    told = {"refresh_token": held.refresh_token, "access_token": held.access_token}
    given = [(kind, token) for kind, token in told.items() if token]
    for n, (kind, token) in enumerate(given):
        code = _refusal(provider, kind, token)
        if code and not (n and code == "unsupported_token_type"):  # 2.2.1: it ends by itself
            raise Permanent(f"{provider.name} did not revoke the {kind}: {code}")


def _refusal(provider: Provider, kind: str, token: str) -> str | None:
    """Have a token revoked; return the code of why it was not, None if it was."""
    found: requests.Response = exchange.client(provider).revoke_token(
        provider.endpoints().revoke, token=token, token_type_hint=kind
    )
    if found.status_code // 100 == 2:
        return None
    return exchange.error_code(exchange.answer(found) or {}) or str(found.status_code)


def ended(event: Event) -> str | None:
    """Return whose connection a webhook event ends, as the service calls the account."""
    provider = ending(event.service)
    tells = provider and provider.ends.get(event.type)
    return tells(event) or None if tells else None


# one that was made since is another; events are told in whole seconds
_END = f"""
    {WIPE} AND account IN (SELECT account FROM {TABLE} WHERE service = :service
        AND external_id = :id AND connected_at < :at + interval '1 second'
        ORDER BY account FOR UPDATE)
"""  # noqa: S608  our own table


def end(session: Session, events: Iterable[Event]) -> None:
    """Mark the connections that these events end as revoked, and forget their tokens.

    Two that do so at once lock the rows in the same order.
    """
    found = [(event.service, id, event) for event in events if (id := ended(event)) is not None]
    for service, id, event in sorted(found, key=itemgetter(0, 1)):
        keys = {"service": service, "id": id, "code": event.type, "at": event.occurred_at}
        session.execute(sql(_END), keys)
