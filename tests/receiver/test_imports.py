"""What the door does not carry: libraries that call services are for those who call."""

import json
import subprocess
import sys

from settings import ROOT

HEAVY = ("authlib", "boto3", "botocore", "clerk_backend_api", "posthog", "cloudflare", "alembic")
WAYS = ("by_httpx", "by_requests", "by_boto")
LOOK = """
import json, sys
from receiver.app import create_app
client = create_app().test_client()
assert client.get("/metrics").status_code == client.get("/readyz").status_code == 200
print(json.dumps(sorted(sys.modules)))
"""


def test_a_receiver_imports_nothing_that_calls_services(clean):
    done = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=ROOT, capture_output=True, check=True, text=True
    )
    loaded = set(json.loads(done.stdout))
    ways = {f"integrations.outbound.{way}" for way in WAYS}
    assert loaded & {*HEAVY, *ways, "sentry_sdk", "receiver.oauth", "telemetry.otel"} == set()
    assert "telemetry" in loaded
