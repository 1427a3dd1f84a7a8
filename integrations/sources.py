"""What can be asked to be complete, by service. To add one, see docs/adding-a-service.md."""

from collections.abc import Mapping

from integrations.clerk.sync import SYNC as CLERK
from integrations.posthog.sync import SYNC as POSTHOG
from integrations.r2.sync import SYNC as R2
from integrations.stripe.sync import SYNC as STRIPE
from integrations.syncs import Sync

SYNCS: Mapping[str, Sync] = {sync.name: sync for sync in (STRIPE, CLERK, POSTHOG, R2)}
