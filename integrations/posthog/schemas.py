"""What PostHog says: an event of a webhook, and a feature flag of its API."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from integrations.schema import JSON, BigInt, Id, NumberedId, Resource, Shape
from integrations.withheld import rewritten


def _text(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("is no text")  # noqa: TRY004  pydantic reports ValueError
    return value


def _in_utc(value: datetime) -> datetime:
    """Return the time in UTC; one without a zone is in it (posthog.com docs, api/capture)."""
    try:
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        raise ValueError("is no time between the years 1 and 9999") from None


ISO = Annotated[datetime, BeforeValidator(_text), AfterValidator(_in_utc)]


class Told(Shape):
    """An event as the webhook destination's default template gives it.

    PostHog/posthog nodejs/src/cdp/templates/_destinations/webhook/webhook.template.ts
    """

    event: Id
    uuid: Id | None = None
    timestamp: ISO | None = None


class FeatureFlag(Resource):
    """A flag, as GET /api/projects/:id/feature_flags/ lists it.

    https://posthog.com/docs/api/feature-flags.
    """

    id: NumberedId
    key: str | None = None
    name: str | None = None
    active: bool | None = None
    filters: dict[str, Any] | None = None
    version: BigInt | None = None
    rollout_percentage: float | None = None
    ensure_experience_continuity: bool | None = None
    is_remote_configuration: bool | None = None
    has_encrypted_payloads: bool | None = None
    evaluation_runtime: str | None = None
    bucketing_identifier: str | None = None
    tags: list[Any] | None = None
    status: str | None = None
    last_called_at: ISO | None = None
    created_at: ISO | None = None
    updated_at: ISO | None = None

    @staticmethod
    def withhold(body: bytes) -> bytes:
        """Return a flag's JSON without payloads that are encrypted at PostHog.

        For a personal key it decrypts them: get_decrypted_flag_payloads_protected in
        PostHog/posthog posthog/api/feature_flag.py.
        """
        return rewritten(body, [b'"has_encrypted_payloads"'], _take_out)


def _take_out(flag: JSON) -> None:
    filters = flag.get("filters")
    if flag.get("has_encrypted_payloads") and isinstance(filters, dict):
        filters.pop("payloads", None)
