"""Which events Loops is to send: it has one endpoint, and no API for it.

https://loops.so/docs/webhooks.
"""

from integrations.endpoints import Endpoints
from integrations.loops.webhook import OF_A_CONTACT, OF_A_LIST

ENDPOINTS = Endpoints(
    types={"contact": sorted(OF_A_CONTACT), "list_member": sorted(OF_A_LIST)},
    where="Loops > Settings > Webhooks (https://app.loops.so/settings?page=webhooks)",
)
