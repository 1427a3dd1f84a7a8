"""How others connect their Stripe account: docs.stripe.com/connect/oauth-reference.

What it gives does not expire, and there is no PKCE. Its client's secret is the platform's own key.
Calls for an account need no token of its: `options={"stripe_account": external_id}` will do.
"""

import requests

from integrations import outbound
from integrations.errors import Permanent
from integrations.interface import Event
from integrations.oauth import exchange
from integrations.oauth.answers import Grant, grant
from integrations.oauth.interface import Client, Endpoints, Held, Provider, split
from integrations.schema import JSON
from settings import settings

# it is `invalid_client`, too, which a wrong key is: stripe/stripe-ruby test/stripe/oauth_test.rb
_NOT_CONNECTED = "is not connected to stripe account"


def _client() -> Client:
    shape = settings().stripe
    return Client(shape.stripe_client_id, shape.stripe_api_key.get_secret_value())


def _endpoints() -> Endpoints:
    base = f"{settings().stripe.stripe_connect_base}/oauth"
    return Endpoints(
        authorize=f"{base}/authorize", token=f"{base}/token", revoke=f"{base}/deauthorize"
    )


def read(answer: JSON) -> Grant:
    """Return what an answer gives, and the account's id."""
    return grant(answer, external_id="stripe_user_id", keep=("livemode", "stripe_publishable_key"))


def revoke(provider: Provider, held: Held) -> None:
    """Deauthorise the account. Raises Permanent, Transient, or Blocked."""
    ours = provider.client()
    found: requests.Response = outbound.session(provider.gate).post(
        provider.endpoints().revoke,
        data={"client_id": ours.id, "stripe_user_id": held.external_id},
        headers={"Authorization": f"Bearer {ours.secret}"},
    )
    said = exchange.answer(found) or {}
    if _NOT_CONNECTED in str(said.get("error_description")):
        return
    if found.status_code != 200 or said.get("stripe_user_id") != held.external_id:
        code = exchange.error_code(said) or found.status_code
        raise Permanent(f"stripe did not deauthorise the account: {code}")


def deauthorized(event: Event) -> str | None:
    """Return the account of an `account.application.deauthorized`, if it was our application.

    The event's object is the application: docs.stripe.com/api/events/types.
    """
    ours = _client().id
    return event.account if event.snapshot.object.get("id") == ours and ours else None


PROVIDER = Provider(
    name="stripe",
    client=_client,
    endpoints=_endpoints,
    scopes=lambda: split(settings().stripe.stripe_oauth_scopes),
    pkce=False,
    auth="client_secret_post",
    read=read,
    lifetime=None,
    revoke=revoke,
    ends={"account.application.deauthorized": deauthorized},
)
