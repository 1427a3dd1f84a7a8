"""The services, by name. To add one, see docs/adding-a-service.md."""

from integrations.clerk import CLERK
from integrations.loops import LOOPS
from integrations.posthog import POSTHOG
from integrations.r2 import R2
from integrations.stripe import STRIPE

INTEGRATIONS = {service.name: service for service in (STRIPE, CLERK, LOOPS, POSTHOG, R2)}
