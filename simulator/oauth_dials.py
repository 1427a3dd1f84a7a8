"""How an authorisation server behaves where the standards leave it free, and where it ignores them.

Each service's own way is a value below, with the document that it is taken from.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class OAuthDials(BaseModel):
    """Where they stand; each can be turned while the server runs."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    access_seconds: float | None = Field(
        3600, description="How long an access token works. None: until it is revoked."
    )
    tells_expiry: bool = Field(True, description="Answers have `expires_in`, where there is one.")
    refresh_tokens: Literal["work_once", "stay", "none"] = Field(
        "work_once", description="A refresh brings a new refresh token, or none, or there are none."
    )
    refresh_seconds: float | None = Field(
        None, description="How long a refresh token works unused. None: until it is revoked."
    )
    grace_seconds: float = Field(
        0, description="So long a used refresh token is answered with the pair that it brought."
    )
    reuse_revokes: bool = Field(
        True, description="A used refresh token that comes again revokes all of its family."
    )
    pkce: bool = Field(True, description="Codes are given for an S256 challenge only.")
    issuer: bool = Field(True, description="Redirects say who answers: `iss`, RFC 9207.")
    takes_scope: bool = Field(True, description="A refresh may name scopes.")
    client_auth: Literal["client_secret_basic", "client_secret_post", "none"] = Field(
        "client_secret_basic", description="How the client proves itself where tokens are given."
    )
    consent: Literal["allows", "denies", "asks"] = Field(
        "allows", description="What the owner of the account says; `asks` shows a page."
    )
    fails: str = Field("", description="The error that every authorisation ends with.")
    errors: Literal["oauth", "ok_false", "html"] = Field(
        "oauth", description="Errors are JSON with a status, JSON with 200, or a page."
    )
    answers: Literal["plain", "slack", "stripe"] = Field(
        "plain", description="The shape of an answer with tokens."
    )
    slow: float = Field(0, ge=0, description="Answers with tokens come so many seconds late.")


def stripe_connect() -> OAuthDials:
    """Return Stripe Connect's way (docs.stripe.com/connect/oauth-reference)."""
    return OAuthDials(
        access_seconds=None,
        refresh_tokens="stay",
        pkce=False,
        issuer=False,
        client_auth="client_secret_post",
        answers="stripe",
    )


def stripe_apps() -> OAuthDials:
    """Return that of Stripe's apps: an hour that is not told (docs.stripe.com/stripe-apps)."""
    return OAuthDials(
        tells_expiry=False,
        pkce=False,
        issuer=False,
        client_auth="client_secret_basic",
        answers="stripe",
    )


def posthog() -> OAuthDials:
    """Return PostHog's (PostHog/posthog posthog/settings/web.py, OAUTH2_PROVIDER)."""
    return OAuthDials(
        refresh_seconds=30 * 24 * 3600,
        grace_seconds=120,
        issuer=False,
        client_auth="none",
    )


def slack(*, rotates: bool = False) -> OAuthDials:
    """Return Slack's (docs.slack.dev/authentication/using-token-rotation)."""
    return OAuthDials(
        access_seconds=12 * 3600 if rotates else None,
        refresh_tokens="work_once" if rotates else "none",
        pkce=False,
        issuer=False,
        client_auth="client_secret_post",
        errors="ok_false",
        answers="slack",
    )
