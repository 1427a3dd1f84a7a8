"""A loopback stand-in of Loops' API: contacts, events and mails, and it fails when told to.

https://loops.so/docs/api-reference, as of the OpenAPI file 1.21.6.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from simulator.stand_in import Fault, Request, StandIn, serving
from simulator.text import JSON

__all__ = ["DONE", "Fault", "LoopsAPI", "Request", "loops_api"]

KEYS_LIVE = 24 * 3600.0  # seconds
_WHO: Sequence[str] = ("userId", "email")

Answer = tuple[int, JSON | list[JSON]]
DONE: Answer = (200, {"success": True})


def _refused(status: int, message: str) -> Answer:
    return status, {"success": False, "message": message}


@dataclass
class LoopsAPI(StandIn):
    """What it holds. `acted` counts what was done under each idempotency key."""

    contacts: list[JSON] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    events: list[JSON] = field(default_factory=list)
    mails: list[JSON] = field(default_factory=list)
    acted: Counter[str] = field(default_factory=Counter)
    _keys: dict[str, float] = field(default_factory=dict)

    def answer(self, request: Request) -> Fault:
        """Refuse who brings no key; else do what is asked, or fail."""
        if not request.headers.get("authorization", "").startswith("Bearer "):
            return Fault(401)
        self.requests.append(request)
        return super().answer(request)

    def do(self, request: Request) -> Fault:
        """Do what is asked; return the answer."""
        status, said = self._do(request)
        return Fault(status, json.dumps(said).encode())

    def _do(self, request: Request) -> Answer:
        if request.method == "GET":
            return self._ask(request)
        does: dict[tuple[str, str], Callable[[JSON], Answer]] = {
            ("PUT", "/v1/contacts/update"): self._upsert,
            ("POST", "/v1/contacts/delete"): self._delete,
            ("POST", "/v1/events/send"): self._event,
            ("POST", "/v1/transactional"): self._mail,
        }
        do = does.get((request.method, request.path))
        if do is None:
            return _refused(404, "Not found")
        key = request.headers.get("idempotency-key", "")
        if self._known(key):
            return _refused(409, "Idempotency key has been used")
        answer = do(request.body)
        if key and answer == DONE:
            self._keys[key] = self.now()
            self.acted[key] += 1
        return answer

    def _ask(self, request: Request) -> Answer:
        """Return the key's team, or the contacts of an id or an address: none or one."""
        if request.path == "/v1/api-key":
            return 200, {"success": True, "teamName": "Loopback"}
        if request.path != "/v1/contacts/find":
            return _refused(404, "Not found")
        if len(request.query) != 1 or not request.query.keys() <= set(_WHO):
            return _refused(400, "Only one of email and userId")
        return 200, self._matching(request.query)

    def _known(self, key: str) -> bool:
        return key in self._keys and self.now() - self._keys[key] < KEYS_LIVE

    def _upsert(self, body: JSON) -> Answer:
        """Update who has either the id or the address, and write the other over."""
        found = self._matching(body)
        if len(found) > 1:
            return _refused(400, "Multiple contacts found for the given criteria")
        if not (body.get("userId") or body.get("email")):
            return _refused(400, "An email or userId is required")
        if not found:
            found = [{"id": f"cm_{len(self.requests)}", "subscribed": True}]
            self.contacts.extend(found)
        found[0].update(body)
        return DONE

    def _matching(self, body: JSON) -> list[JSON]:
        named = [(name, body[name]) for name in _WHO if body.get(name)]
        return [c for c in self.contacts if any(c.get(name) == value for name, value in named)]

    def _delete(self, body: JSON) -> Answer:
        if len(body) != 1:
            return _refused(400, "Only one of email and userId")
        found = self._matching(body)
        self.contacts = [c for c in self.contacts if c not in found]
        return DONE if found else _refused(404, "Contact not found")

    def _event(self, body: JSON) -> Answer:
        if "eventName" not in body:
            return _refused(400, "eventName is required")
        self.events.append(body)
        return self._upsert({name: body[name] for name in _WHO if name in body})

    def _mail(self, body: JSON) -> Answer:
        if not (body.get("email") and body.get("transactionalId")):
            return _refused(400, "email and transactionalId are required")
        self.mails.append(body)
        return DONE


def loops_api(port: int = 0) -> AbstractContextManager[LoopsAPI]:
    """Run the stand-in meanwhile. `url` is LOOPS_API_BASE."""
    return serving(LoopsAPI(), port, "/api")
