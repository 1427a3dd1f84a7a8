"""The last step of a flow: what the service gave is kept, or given back where that is safe."""

from sqlalchemy.orm import Session

from db.session import transaction
from integrations.errors import Deferred, Permanent, Transient
from integrations.oauth import revoke
from integrations.oauth.answers import Grant
from integrations.oauth.connections import TABLE, be_patient, row, sql, store
from integrations.oauth.interface import Held, Provider
from telemetry import describe, log

_log = log(__name__)

_SHARED = f"""
    SELECT EXISTS (SELECT FROM {TABLE}
        WHERE service = :service AND external_id = :id AND status <> 'revoked')
"""  # noqa: S608  our own table


class OtherAccount(Exception):
    """The account is connected to another one of the service, and stays so."""


def connect(provider: Provider, account: str, given: Grant, *, by: str) -> None:
    """Keep what somebody connected. Raises Locked, and OtherAccount: then nothing is kept."""
    with transaction() as session:
        be_patient(session)  # somebody may be renewing what this takes the place of
        if store(session, provider, account, given, by=by):
            _log.info("oauth.connected", service=provider.name, account=account)
            return
        kept = row(session, provider.name, account)
        alone = provider.revoke is None and not _shared(session, provider, given)
    told = {"is": kept and kept.external_id, "came": given.external_id, "given_back": alone}
    _log.warning("oauth.other_account", service=provider.name, account=account, **told)
    if alone:  # a provider's own way may end all that the account has at our application
        _give_back(provider, given)
    raise OtherAccount


def _shared(session: Session, provider: Provider, given: Grant) -> bool:
    """Return whether another connection is to that account: revoking might end it, too."""
    keys = {"service": provider.name, "id": given.external_id}
    return bool(session.execute(sql(_SHARED), keys).scalar_one())


def _give_back(provider: Provider, given: Grant) -> None:
    """Have the service forget what it gave, if it can now."""
    try:
        revoke.ask(provider, Held(given.access_token, given.refresh_token, given.external_id))
    except (Permanent, Transient, Deferred) as error:
        _log.warning("oauth.unrevoked", service=provider.name, error=describe(error))
