"""Which events R2 is to tell of: rules of the bucket put them into a queue. docs/r2.md has them."""

from integrations.endpoints import Endpoints
from integrations.r2.effects import ACTIONS

ENDPOINTS = Endpoints(
    types={"object": ACTIONS},
    where="Cloudflare > R2 > the bucket > Settings > Event notifications, into a queue: docs/r2.md",
)
