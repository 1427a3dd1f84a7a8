"""Post payloads to a receiver as their services would: signed, where we know how."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import requests

from integrations import INTEGRATIONS
from simulator.corpus import Payload


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver said; status 0 where it said nothing."""

    status: int
    words: str


@dataclass(frozen=True, slots=True)
class Poster:
    """The receiver, and the settings that hold its secrets."""

    receiver: str
    settings: Mapping[str, str]
    session: requests.Session = field(default_factory=requests.Session, repr=False)

    def post(self, payload: Payload) -> Answer:
        """Post a payload; return the answer."""
        url = f"{self.receiver}/webhooks/{payload.service}"
        try:
            answer = self.session.post(
                url, payload.body, headers=self._headers(payload), timeout=30
            )
        except requests.RequestException as error:
            return Answer(0, type(error).__name__)
        return Answer(answer.status_code, answer.text.strip())

    def _headers(self, payload: Payload) -> Mapping[str, str]:
        service = INTEGRATIONS.get(payload.service)
        if service is None:
            return {"content-type": "application/json"}
        given = self.settings[f"{service.name.upper()}_WEBHOOK_SECRETS"].split(",")[0]
        # the services' libraries sign only text, and verify only that
        text = payload.body.decode(errors="replace").encode()
        return service.sign(text, given, time.time(), payload.event_id or secrets.token_hex(12))
