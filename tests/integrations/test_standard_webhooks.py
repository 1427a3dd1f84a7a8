"""What all that sign by Standard Webhooks share."""

import base64
import hashlib
import hmac
import time

import pytest

from integrations import INTEGRATIONS, standard_webhooks
from integrations.errors import InvalidSignature

SERVICES = ["clerk", "loops", "posthog", "r2"]
SHORT = base64.b64encode(b"fifteen bytes..").decode()
LONG = base64.b64encode(b"sixteen bytes...").decode()


@pytest.mark.parametrize("service", SERVICES)
def test_a_key_that_is_too_short_admits_nobody_and_the_doctor_is_told(service):
    assert INTEGRATIONS[service].usable(f"whsec_{LONG}", time.time())
    assert not INTEGRATIONS[service].usable(f"whsec_{SHORT}", time.time())


@pytest.mark.parametrize(("key", "admitted"), [(LONG, True), (SHORT, False)])
def test_who_signs_with_a_short_key_is_refused(key, admitted):
    now = int(time.time())
    digest = hmac.digest(base64.b64decode(key), f"msg_1.{now}.{{}}".encode(), hashlib.sha256)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(now),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
    if admitted:
        standard_webhooks.verify(b"{}", headers, [f"whsec_{key}"], now)
    else:
        with pytest.raises(InvalidSignature, match="signature_mismatch"):
            standard_webhooks.verify(b"{}", headers, [f"whsec_{key}"], now)
