"""What we keep of PostHog. Its webhooks tell of events alone: flags are listed."""

from db.models.posthog import FeatureFlag
from integrations.interface import Mirror, Projection, row
from integrations.posthog import schemas


def feature_flag(f: schemas.FeatureFlag) -> Projection:
    """Project a feature flag."""
    yield row(
        FeatureFlag,
        f,
        key=f.key,
        name=f.name,
        active=f.active,
        filters=f.filters,
        version=f.version,
        rollout_percentage=f.rollout_percentage,
        ensure_experience_continuity=f.ensure_experience_continuity,
        is_remote_configuration=f.is_remote_configuration,
        has_encrypted_payloads=f.has_encrypted_payloads,
        evaluation_runtime=f.evaluation_runtime,
        bucketing_identifier=f.bucketing_identifier,
        tags=f.tags,
        status=f.status,
        last_called_at=f.last_called_at,
        created_at=f.created_at,
        updated_at=f.updated_at,
    )


MIRRORS = {
    "feature_flag": Mirror(
        FeatureFlag, schemas.FeatureFlag, feature_flag, remains=schemas.FeatureFlag
    )
}
