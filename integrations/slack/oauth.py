"""How others connect their Slack workspace.

Answers and errors: docs.slack.dev/authentication/installing-with-oauth and
docs.slack.dev/reference/methods/oauth.v2.access. Tokens never expire unless the app has token
rotation on; then they live 12 hours, and a refresh token works once
(docs.slack.dev/authentication/using-token-rotation).
"""

from dataclasses import replace
from typing import Any

from integrations import outbound
from integrations.errors import Permanent
from integrations.oauth import exchange
from integrations.oauth.answers import Grant, grant
from integrations.oauth.interface import Client, Endpoints, Held, Provider, split
from integrations.schema import JSON
from settings import settings

GONE = ("token_revoked", "account_inactive", "not_authed", "invalid_auth", "token_expired")
"""What Slack says of a token that it does not take any more."""

OWNERS = ("team", "enterprise")
KEPT = ("team", "enterprise", "bot_user_id")


def _client() -> Client:
    shape = settings().slack
    return Client(shape.slack_client_id, shape.slack_client_secret.get_secret_value())


def _endpoints() -> Endpoints:
    base = settings().slack.slack_base
    return Endpoints(
        authorize=f"{base}/oauth/v2/authorize",
        token=f"{base}/api/oauth.v2.access",
        revoke=f"{base}/api/auth.revoke",
    )


def read(answer: JSON) -> Grant:
    """Return what an answer gives: the bot's token, else the user's, which stands inside it.

    Nobody is asked for both, as `user_scope` is not among what we ask for. An app that all of an
    organisation installed belongs to no workspace: it is the organisation's.
    """
    user: Any = answer.get("authed_user")
    told = answer if answer.get("access_token") or not isinstance(user, dict) else user
    owner = next((one for name in OWNERS if isinstance(one := answer.get(name), dict)), {})
    extra: JSON = {name: answer[name] for name in KEPT if name in answer}
    found = grant({**told, "owner": owner.get("id")}, external_id="owner", separator=",")
    return replace(found, extra=extra)


def revoke(provider: Provider, held: Held) -> None:
    """Have Slack forget the token. Raises Permanent, Transient, or Blocked."""
    found = outbound.session(provider.gate).post(
        provider.endpoints().revoke, headers={"Authorization": f"Bearer {held.access_token}"}
    )
    said = exchange.answer(found) or {}
    if said.get("ok") is not True and (code := exchange.error_code(said)) not in GONE:
        raise Permanent(f"slack did not revoke it: {code or found.status_code}")


PROVIDER = Provider(
    name="slack",
    client=_client,
    endpoints=_endpoints,
    scopes=lambda: split(settings().slack.slack_oauth_scopes),
    separator=",",
    # PKCE would make the app a public client, for ever: docs.slack.dev/changelog/2026/03/30/pkce
    pkce=False,
    auth="client_secret_post",
    read=read,
    lifetime=None,
    over=("invalid_refresh_token", "invalid_grant", *GONE),
    revoked=("token_revoked", "account_inactive"),
    revoke=revoke,
)
