"""Which events PostHog is to send: those that its destination filters, for handlers of the team.

PostHog/posthog.com contents/docs/cdp/destinations/webhook.mdx. It tells of no feature flags: these
are listed.
"""

from integrations.endpoints import Endpoints

ENDPOINTS = Endpoints(
    types={},
    where="PostHog > Data pipelines > Destinations > New > HTTP Webhook, with a signing secret",
)
