"""The settings of the services: keys, addresses, and what is wanted of each."""

from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr

from settings.group import Group
from settings.lists import split

_NONE = SecretStr("")
# what a browser comes back to: encrypted, or on this machine
_PUBLIC = r"^(https://[^/?#@\s]+(/[^?#\s]*)?|http://(127\.0\.0\.1|localhost)(:\d+)?/?)?$"
# where secrets are sent: the same
_SAFE = r"^(https://[^/?#@\s]+|http://(127\.0\.0\.1|localhost)(:\d+)?)(/[^?#\s]*)?$"


def _rates(value: object) -> object:
    """Return `loops=5, stripe=80` as rates by service, in calls a second."""
    if not isinstance(value, str):
        return value
    pairs = (part.partition("=") for part in value.split(",") if part.strip())
    return {name.strip(): rate.strip() for name, _, rate in pairs}


class Outbound(Group):
    """Every call to a service."""

    call_connect_seconds: float = Field(3, gt=0, le=30)
    call_read_seconds: float = Field(10, gt=0, le=25)
    breaker_failures: int = Field(5, ge=1)
    breaker_open_seconds: float = Field(30, gt=0)
    call_limits: Annotated[dict[str, float], BeforeValidator(_rates)] = Field(default_factory=dict)


class Effects(Group):
    """What is done at services because of events."""

    reactions: str = "integrations.reactions"
    effects_max_age_hours: float = Field(24, gt=0)
    identify_by_email: bool = False


class Syncs(Group):
    """What keeps the mirrors complete, and how often; an interval of 0 switches a thing off."""

    sync_events_seconds: float = Field(300, ge=0)
    sync_objects_seconds: float = Field(900, ge=0)
    sync_refetch_seconds: float = Field(15, ge=0)
    sync_contract_seconds: float = Field(60, ge=0)
    sync_overlap_seconds: float = Field(900, ge=0)
    reconcile_hours: float = Field(24, ge=0)
    reconcile_dear_hours: float = Field(168, ge=0)
    reconcile_repairs: bool = False
    outward_hours: float = Field(24, ge=0)
    gone_at_most_percent: float = Field(2, ge=0, le=100)


class OAuth(Group):
    """Connections to accounts of others: what encrypts their tokens, and when these are renewed."""

    encryption_keys: Annotated[tuple[SecretStr, ...], BeforeValidator(split)] = ()
    oauth_link_key: SecretStr = _NONE
    oauth_public_url: str = Field("", pattern=_PUBLIC)
    oauth_providers: str = ""
    oauth_margin_seconds: float = Field(300, gt=0)
    oauth_refresh_seconds: float = Field(15, ge=0)
    oauth_cooldown_seconds: float = Field(30, gt=0)
    oauth_exhausted_days: int = Field(4, ge=2)
    oauth_keep_alive_hours: float = Field(24, gt=0)

    @property
    def connects(self) -> bool:
        """Return whether accounts can be connected: whether links can be made, and lead back."""
        return bool(self.oauth_public_url and self.oauth_link_key.get_secret_value())


class Retention(Group):
    """How long bodies stay in the ledger; 0 keeps them."""

    events_retention_days: int = Field(0, ge=0)


class Stripe(Group):
    """Stripe. Without a key events of either mode are admitted."""

    stripe_api_key: SecretStr = _NONE
    stripe_api_base: str = "https://api.stripe.com"
    stripe_client_id: str = ""
    stripe_oauth_scopes: str = "read_write"
    stripe_connect_base: str = Field("https://connect.stripe.com", pattern=_SAFE)

    @property
    def livemode(self) -> bool | None:
        """Return the mode of the configured key, None without one that says so."""
        kind = self.stripe_api_key.get_secret_value().partition("_")[2]
        return {"live": True, "test": False}.get(kind.partition("_")[0])


class Clerk(Group):
    """Clerk."""

    clerk_secret_key: SecretStr = _NONE
    clerk_api_base: str = "https://api.clerk.com/v1"


class Loops(Group):
    """Loops."""

    loops_api_key: SecretStr = _NONE
    loops_api_base: str = "https://app.loops.so/api"


class PostHog(Group):
    """PostHog. The project's key may only send; the personal one reads, of the project named."""

    posthog_project_key: SecretStr = _NONE
    posthog_host: str = "https://us.i.posthog.com"
    posthog_personal_api_key: SecretStr = _NONE
    posthog_project_id: str = Field("", pattern=r"^\d*$")
    posthog_oauth_client_id: str = ""
    posthog_oauth_client_secret: SecretStr = _NONE
    posthog_oauth_scopes: str = "openid"
    posthog_oauth_base: str = Field("https://oauth.posthog.com", pattern=_SAFE)


class Slack(Group):
    """Slack, as an app that others install."""

    slack_client_id: str = ""
    slack_client_secret: SecretStr = _NONE
    slack_oauth_scopes: str = "chat:write"
    slack_base: str = Field("https://slack.com", pattern=_SAFE)


class R2(Group):
    """Cloudflare R2, and the queue that tells of its objects."""

    r2_endpoint_url: str = ""
    r2_access_key_id: SecretStr = _NONE
    r2_secret_access_key: SecretStr = _NONE
    r2_bucket: str = ""
    r2_archive: bool = False
    r2_prefixes: Annotated[tuple[str, ...], BeforeValidator(split)] = ()
    cloudflare_account_id: str = ""
    cloudflare_api_token: SecretStr = _NONE
    cloudflare_queue_id: str = ""

    @property
    def reachable(self) -> bool:
        """Return whether all is set that is needed to call R2."""
        keys = (self.r2_access_key_id, self.r2_secret_access_key)
        return bool(self.r2_endpoint_url and all(key.get_secret_value() for key in keys))

    @property
    def archives(self) -> bool:
        """Return whether events are to be archived, and can be."""
        return bool(self.r2_archive and self.r2_bucket and self.reachable)

    @property
    def pulls(self) -> bool:
        """Return whether all is set that is needed to pull from the queue."""
        token = self.cloudflare_api_token.get_secret_value()
        return bool(self.cloudflare_queue_id and self.cloudflare_account_id and token)


class Application(Group):
    """The team's own application, as a target."""

    app_webhook_url: str = Field("", repr=False)
    app_webhook_secret: SecretStr = _NONE
