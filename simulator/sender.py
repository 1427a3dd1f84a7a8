"""Send events to a receiver as the services would: signed, over HTTP."""

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import requests

from simulator import clerk, loops, posthog, r2, stripe
from simulator.text import JSON, dump

EXAMPLES: dict[str, Any] = {
    "stripe": stripe,
    "clerk": clerk,
    "loops": loops,
    "posthog": posthog,
    "r2": r2,
}


@dataclass(frozen=True, slots=True)
class Sender:
    """Where a service's webhooks go, and what they are signed with. For one thread at a time."""

    receiver: str
    service: str
    secret: str
    endpoint: str = ""
    session: requests.Session = field(default_factory=requests.Session, repr=False)

    def send(
        self,
        body: bytes | JSON,
        *,
        event_id: str | None = None,
        age: float = 0,
        forged: bool = False,
    ) -> requests.Response:
        """Post the event; return the receiver's answer. `age`: seconds since it was signed.

        Raises requests.RequestException if the receiver is not there, ValueError if nothing can be
        signed with the secret.
        """
        content = body if isinstance(body, bytes) else dump(body).encode()
        secret = "whsec_" + secrets.token_hex(16) if forged else self.secret
        id = event_id or f"msg_{secrets.token_hex(12)}"
        headers = EXAMPLES[self.service].sign(content, secret, time.time() - age, id)
        path = "/".join(part for part in ("webhooks", self.service, self.endpoint) if part)
        return self.session.post(f"{self.receiver}/{path}", content, headers=headers, timeout=10)
