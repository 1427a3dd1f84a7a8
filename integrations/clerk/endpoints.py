"""Which events Clerk is to send: it has no API for its endpoints.

Those of e-mails and text messages hold codes, and are not to be sent (clerk/openapi-specs
webhooks/2025-04-15.yml lists all).
"""

from integrations.endpoints import Endpoints


def _of(prefix: str, happened: str) -> list[str]:
    return [f"{prefix}.{name}" for name in happened.split()]


ENDPOINTS = Endpoints(
    types={
        "user": _of("user", "created updated deleted"),
        "organization": _of("organization", "created updated deleted"),
        "organization_membership": _of("organizationMembership", "created updated deleted"),
        "organization_invitation": _of("organizationInvitation", "created accepted revoked"),
    },
    where="Clerk Dashboard > Configure > Webhooks > Add Endpoint > Subscribe to events",
)
