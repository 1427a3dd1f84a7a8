"""The services, by name. To add one, see docs/adding-a-service.md."""

from integrations.clerk import CLERK
from integrations.stripe import STRIPE

INTEGRATIONS = {service.name: service for service in (STRIPE, CLERK)}
