"""A loopback stand-in of Clerk's Backend API, over a store.

https://clerk.com/docs/reference/backend-api; paths and shapes as the official library has them
(clerk_backend_api/users.py, organizations_sdk.py and their like), whose models are strict.
"""

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from simulator import clerk
from simulator.clerk_lists import INVITATION, LISTS, MEMBERSHIP, ORGANIZATION, USER, RefusedError
from simulator.faulty import Faulty
from simulator.stand_in import Fault, Request, serving
from simulator.store import Store
from simulator.text import JSON

_EVENTS = {
    USER: "user",
    ORGANIZATION: "organization",
    MEMBERSHIP: "organizationMembership",
    INVITATION: "organizationInvitation",
}


@dataclass
class ClerkAPI(Faulty):
    """Clerk."""

    store: Store = field(default_factory=Store)

    def error(self, status: int, code: str, message: str) -> JSON:  # noqa: ARG002  it is not in the body
        """Return an error (clerk_backend_api/models/clerkerrors.py)."""
        return {"errors": [{"code": code, "message": message, "long_message": message, "meta": {}}]}

    def do(self, request: Request) -> Fault:
        """Answer as Clerk does."""
        if not request.headers.get("authorization", "").startswith("Bearer sk_"):
            return self.refuse(401, "authentication_invalid", "Invalid authentication")
        try:
            with self.store.lock:
                said = self._found(request)
        except RefusedError as refused:
            return self.refuse(refused.status, refused.code, str(refused))
        return Fault(200, json.dumps(said).encode())

    def _found(self, request: Request) -> Any:
        steps = request.path.strip("/").removeprefix("v1/").split("/")
        path = "/".join(steps)
        starred = "/".join("*" if n % 2 else step for n, step in enumerate(steps))
        if request.method == "GET" and path in LISTS:
            return LISTS[path](self.store, request.query)
        if request.method == "GET" and starred in LISTS:
            return LISTS[starred](self.store, request.query, steps[1])
        match request.method, steps:
            case "GET", ["organizations", _, "invitations", id]:
                return self._get(INVITATION, id)
            case "POST", [("users" | "organizations") as many]:
                return self._create(many[:-1], request.body)
            case method, [("users" | "organizations") as many, id]:
                return self._one(method, many[:-1], id, request.body)
        raise RefusedError(404, "resource_not_found", "not found")

    def _get(self, type: str, id: str) -> JSON:
        found = self.store.get(type, id)
        if found is None:
            raise RefusedError(404, "resource_not_found", f"No {type} was found with id {id}")
        return found

    def _one(self, method: str, type: str, id: str, body: JSON) -> JSON:
        obj = self._get(type, id)
        if method == "GET":
            return obj
        if method == "PATCH":
            return self._put(obj | body, f"{_EVENTS[type]}.updated")
        if method != "DELETE":
            raise RefusedError(405, "method_not_allowed", "Method not allowed")
        self._forget(type, obj)
        return clerk.remains(obj)

    def _create(self, type: str, body: JSON) -> JSON:
        make = {USER: clerk.user, ORGANIZATION: clerk.organization}[type]
        id = self.store.new_id({USER: "user", ORGANIZATION: "org"}[type])
        fields = dict(body)
        if addresses := fields.pop("email_address", None):
            fields |= self._addressed(addresses)
        return self._put(make(self._now(), id=id) | fields, f"{_EVENTS[type]}.created")

    def _addressed(self, addresses: Sequence[str]) -> JSON:
        listed = [
            clerk.ADDRESS | {"id": self.store.new_id("idn"), "email_address": one}
            for one in addresses
        ]
        return {"email_addresses": listed, "primary_email_address_id": listed[0]["id"]}

    def _put(self, obj: JSON, event: str) -> JSON:
        return self.store.put(obj["object"], obj | {"updated_at": self._now()}, event)

    def _forget(self, type: str, obj: JSON) -> None:
        """Delete it, and the memberships in which it is."""
        memberships = list(self.store.objects.get(MEMBERSHIP, {}).values())
        for one in memberships:
            if obj["id"] in {one["organization"]["id"], one["public_user_data"]["user_id"]}:
                self.store.delete(MEMBERSHIP, one["id"], f"{_EVENTS[MEMBERSHIP]}.deleted")
        self.store.delete(type, obj["id"], f"{_EVENTS[type]}.deleted")

    def _now(self) -> int:
        return int(self.store.now() * 1000)


def clerk_api(api: ClerkAPI, port: int = 0) -> AbstractContextManager[ClerkAPI]:
    """Run the stand-in meanwhile. `url` is CLERK_API_BASE."""
    return serving(api, port, "/v1")
