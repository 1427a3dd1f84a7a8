"""The calls to a provider's token endpoint: Authlib's client, through the gate.

Authlib's traps are met here: it gets no `authorization_response` (a refused consent would become
another grant), no state and no scope; its grants are named; what it makes of answers is not used,
for it takes one without a token for good.
"""

import base64
import re
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import quote

import requests
from authlib.integrations.requests_client.oauth2_session import OAuth2ClientAuth
from authlib.oauth2.client import OAuth2Client

from integrations.errors import Permanent, Transient, Unreadable
from integrations.oauth.answers import Grant, grant
from integrations.oauth.interface import Misconfigured, Provider, Refused, safe
from integrations.outbound import session
from integrations.schema import JSON
from telemetry import describe, log

# RFC 6749, 5.2 and 4.1.2.1; those of Slack: docs.slack.dev/reference/methods/oauth.v2.access
OURS = {
    "invalid_request",
    "invalid_client",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
    "invalid_target",
    "invalid_client_id",
    "bad_client_secret",
    "bad_redirect_uri",
    "invalid_grant_type",
    "invalid_arguments",
    "missing_scope",
}
_WORD = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_log = log(__name__)


class _Client(OAuth2Client):  # type: ignore[misc]  # untyped library
    """Authlib's client, which leaves the reading of answers to us."""

    client_auth_class = OAuth2ClientAuth

    def parse_response_token(self, resp: requests.Response) -> requests.Response:
        """Return the answer as it is."""
        return resp


def code(provider: Provider, code: str, *, redirect_uri: str, verifier: str | None) -> Grant:
    """Return what a provider gives for a code; `verifier` is PKCE's, None without it.

    Raises Refused for the code, Misconfigured, Permanent, Transient, and Blocked (a Deferred).
    """
    proof = {"code_verifier": verifier} if verifier else {}
    told = {"code": code, "redirect_uri": redirect_uri, **proof}
    return _asked(provider, "authorization_code", told, provider.read)


def refresh(provider: Provider, refresh_token: str) -> Grant:
    """Return what a provider gives for a refresh token. Raises what `code` does.

    That may work no more after it. So an answer that the provider's own `read` does not take is
    read by the standard.
    """

    def read(said: JSON) -> Grant:
        try:
            return provider.read(said)
        except Exception as error:  # noqa: BLE001  it may be the team's own
            _log.error("oauth.unread", service=provider.name, error=_why(error))
            return grant(said)

    return _asked(provider, "refresh_token", {"refresh_token": refresh_token}, read)


def client(provider: Provider) -> OAuth2Client:
    """Return Authlib's client for a provider. It knows no scope: some refuse it in a refresh.

    Raises Permanent where our secret would go in the clear, and where the provider's own functions
    fail: nothing was asked then.
    """
    try:
        at, ours = provider.endpoints(), provider.client()
    except Exception as error:  # noqa: BLE001  they may be the team's own
        raise Permanent(f"{provider.name} is not set up: {describe(error)}") from None
    if not (safe(at.token) and safe(at.revoke or at.token)):
        raise Permanent(f"an address of {provider.name} is neither https:// nor on this machine")
    method = provider.auth if ours.secret else "none"
    made = _Client(
        session(provider.gate),
        client_id=ours.id,
        client_secret=ours.secret or None,
        token_endpoint=at.token,
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,
    )
    made.register_client_auth_method(("client_secret_basic", _basic))
    return made


def _basic(
    client: OAuth2ClientAuth, _method: str, uri: str, headers: MutableMapping[str, str], body: str
) -> tuple[str, MutableMapping[str, str], str]:
    """Say who we are, encoded as RFC 6749, 2.3.1 has it: Authlib does not.

    A space is %20, which whoever reads forms and whoever reads addresses understands.
    """
    pair = ":".join(quote(part, safe="") for part in (client.client_id, client.client_secret))
    headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return uri, headers, body


def _asked(
    provider: Provider, kind: str, told: Mapping[str, str], read: Callable[[JSON], Grant]
) -> Grant:
    found = client(provider).fetch_token(grant_type=kind, **told)
    said = _told(provider, found)
    try:
        given = read(said)
    except Exception as error:  # noqa: BLE001  tokens were given, and we do not have them
        raise Transient(f"{provider.name}: {_why(error)}", unknown=True) from None
    if given.odd:
        _log.warning("oauth.odd_answer", service=provider.name, fields=given.odd)
    return given


def _why(error: Exception) -> str:
    """Return why an answer was not read: what is not ours to say may hold a part of it."""
    return str(error) if isinstance(error, Unreadable) else type(error).__name__


def _told(provider: Provider, found: requests.Response) -> JSON:
    """Return an answer's JSON, whatever its status; the gate has taken out 5xx and 429."""
    said = answer(found)
    if said is None:  # a proxy's page, or half an answer
        unknown = found.status_code // 100 == 2
        raise Transient(
            f"{provider.name} answered {found.status_code} without JSON", unknown=unknown
        )
    if found.status_code // 100 == 2 and _gives(said):
        return said
    if (error := error_code(said)) or found.status_code // 100 != 2:
        raise meaning(provider, error or f"http_{found.status_code}")
    return said


def _gives(said: JSON) -> bool:
    """Return whether an answer has a token, whatever it says of errors: the old one may be used."""
    return bool(said.get("access_token")) and said.get("ok") is not False


def answer(found: requests.Response) -> JSON | None:
    """Return an answer's JSON object, None where it has none."""
    try:
        said: Any = found.json()
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def error_code(said: JSON) -> str | None:
    """Return the error that an answer tells, which Slack does with 200 and `"ok": false`.

    Nothing of it but a word: what describes it may hold what was sent.
    """
    error = said.get("error")
    if error is None and said.get("ok") is not False:
        return None
    if isinstance(error, dict):
        error = error.get("code") or error.get("type")
    return error if isinstance(error, str) and _WORD.fullmatch(error) else "unknown_error"


def meaning(provider: Provider, error: str) -> Refused | Misconfigured | Transient:
    """Return what an error code means: what is neither known to be over nor ours may pass."""
    if error in provider.over or error in provider.revoked:
        return Refused(provider.name, error)
    if error in OURS:
        return Misconfigured(provider.name, error)
    return Transient(f"{provider.name} answered {error}")
