"""What each service is to send us. To add one, see docs/adding-a-service.md."""

from collections.abc import Mapping

from integrations.clerk.endpoints import ENDPOINTS as CLERK
from integrations.endpoints import Endpoints
from integrations.loops.endpoints import ENDPOINTS as LOOPS
from integrations.posthog.endpoints import ENDPOINTS as POSTHOG
from integrations.r2.endpoints import ENDPOINTS as R2
from integrations.stripe.endpoints import ENDPOINTS as STRIPE

ENDPOINTS: Mapping[str, Endpoints] = {
    "stripe": STRIPE,
    "clerk": CLERK,
    "loops": LOOPS,
    "posthog": POSTHOG,
    "r2": R2,
}
