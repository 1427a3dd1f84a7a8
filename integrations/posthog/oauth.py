"""How others connect their PostHog: posthog.com/docs/api/oauth.

Lifetimes are those of PostHog's source: PostHog/posthog posthog/settings/web.py, OAUTH2_PROVIDER.
PKCE is demanded of every client. A client whose id is the address of a document has no secret.

oauth.posthog.com serves both regions, and its answers do not say of which one a token is: to know
that, name a region's own server in POSTHOG_OAUTH_BASE, or ask both at /api/users/@me/.
"""

from datetime import timedelta

from integrations.oauth.answers import Grant, grant
from integrations.oauth.interface import Client, Endpoints, Provider, split
from integrations.schema import JSON
from settings import settings


def _client() -> Client:
    shape = settings().posthog
    secret = shape.posthog_oauth_client_secret.get_secret_value()
    return Client(shape.posthog_oauth_client_id, secret)


def _endpoints() -> Endpoints:
    base = f"{settings().posthog.posthog_oauth_base}/oauth"
    # it redirects what lacks the slash at the end, and a redirected POST is none
    return Endpoints(
        authorize=f"{base}/authorize/", token=f"{base}/token/", revoke=f"{base}/revoke/"
    )


def read(answer: JSON) -> Grant:
    """Return what an answer gives, and to which teams and organisations it is confined."""
    return grant(answer, keep=("scoped_teams", "scoped_organizations"))


PROVIDER = Provider(
    name="posthog",
    client=_client,
    endpoints=_endpoints,
    scopes=lambda: split(settings().posthog.posthog_oauth_scopes),
    auth="client_secret_post",
    read=read,
    refresh_lifetime=timedelta(days=30),
    # used again within two minutes it is answered; later its whole family is revoked
    grace=timedelta(minutes=2),
)
