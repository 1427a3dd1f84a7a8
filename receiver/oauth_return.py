"""The way back from a service: what it sent along is checked, and the account is connected."""

import time

from flask import Response, request
from requests import RequestException

from integrations.errors import Blocked, Permanent, Transient
from integrations.oauth import connect, exchange, flow
from integrations.oauth.answers import Grant
from integrations.oauth.flow import Pending
from integrations.oauth.interface import Provider, Refused
from receiver import oauth_cookies, oauth_pending, oauth_rooms
from receiver.oauth_figures import FLOWS
from receiver.oauth_pages import Stopped, page
from telemetry import describe, log

_LONGEST_STATE = 200  # characters; ours have 43

_log = log(__name__)


def come_back(provider: Provider) -> Response:
    """Return the page that says that the account is connected."""
    query = request.args.to_dict(flat=False)
    state = flow.state_of(query)
    if not state:
        raise Stopped("state_missing")
    if request.method == "HEAD":  # who only looks spends nothing
        raise Stopped("malformed")
    if not oauth_pending.waits(state):
        _pending(state)  # says why: who made it up takes no room from others
    with oauth_rooms.room(provider.name):
        oauth_rooms.check_keys()  # what cannot be kept is not asked for
        pending = _pending(state)
        code = flow.code_of(provider, pending, query, oauth_cookies.of(state), time.time())
        _connect(provider, pending, _grant(provider, pending, code))
    FLOWS.labels(provider.name, "connected").inc()
    return oauth_cookies.forget(page("connected"), state)


def _pending(state: str) -> Pending:
    try:
        pending = oauth_pending.take(state) if len(state) <= _LONGEST_STATE else None
    except oauth_pending.Late:
        raise Stopped("state_expired") from None
    except oauth_pending.Replayed:
        raise Stopped("state_replayed") from None
    if pending is None:
        raise Stopped("state_unknown")
    return pending


def _grant(provider: Provider, pending: Pending, code: str) -> Grant:
    """Return what the service gives for the code. Raises Stopped."""
    try:
        return exchange.code(
            provider, code, redirect_uri=pending.redirect_uri, verifier=pending.verifier or None
        )
    except (Blocked, Transient, Permanent) as error:
        _log.warning("oauth.exchange", service=provider.name, error=describe(error))
        raise Stopped(_why(error)) from None


def _why(error: Blocked | Transient | Permanent) -> str:
    match error:
        case Blocked():
            return "provider_busy"
        case Refused():
            return "code_refused"
        case Permanent():
            return "client_refused"
    return "provider_silent" if isinstance(error.__cause__, RequestException) else "provider_failed"


def _connect(provider: Provider, pending: Pending, given: Grant) -> None:
    try:
        connect.connect(provider, pending.account, given, by=pending.by)
    except connect.OtherAccount:
        raise Stopped("other_account") from None
