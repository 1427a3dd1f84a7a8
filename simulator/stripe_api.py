"""A loopback stand-in of Stripe's API, over a store: lists, the log, objects, errors.

https://docs.stripe.com/api. What it takes and answers is what the official library sends and reads.
"""

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from simulator import stripe
from simulator.faulty import Faulty
from simulator.stand_in import Fault, Request, serving
from simulator.store import EVENT, Store
from simulator.stripe_filters import RefusedError
from simulator.stripe_lists import RESOURCES, Resource, page
from simulator.stripe_members import embedded, paged
from simulator.stripe_shapes import as_of, expanded
from simulator.stripe_writes import ENDPOINT, Writer
from simulator.text import JSON

_TYPES = {400: "invalid_request_error", 401: "invalid_request_error", 404: "invalid_request_error"}
_OTHERWISE = "Keys for idempotent requests can only be used with the same parameters."
_STAY = {"customer", "product"}  # a GET says that it is deleted; others are not found


@dataclass
class StripeAPI(Faulty):
    """Stripe. `keys` remembers what was answered under an idempotency key."""

    store: Store = field(default_factory=Store)
    keys: dict[str, tuple[Request, Fault]] = field(default_factory=dict)

    def error(self, status: int, code: str, message: str, param: str = "") -> JSON:
        """Return an error (https://docs.stripe.com/api/errors)."""
        told = {"code": code, "message": message, "param": param}
        return {
            "error": {"type": _TYPES.get(status, "api_error")}
            | {k: v for k, v in told.items() if v}
        }

    def do(self, request: Request) -> Fault:
        """Answer as Stripe does; a POST whose key is known has the answer of its first time."""
        key = request.headers.get("idempotency-key", "") if request.method == "POST" else ""
        if key in self.keys:
            said = self._again(request, *self.keys[key])
        else:
            said = self._answered(request)
        if key and key not in self.keys and said.status == 200:  # what is refused has not begun
            self.keys[key] = (_asked(request), said)
        id = {"request-id": f"req_{self.requests:014}", "stripe-version": self._version(request)}
        return replace(said, headers={**said.headers, **id})

    def _again(self, request: Request, first: Request, said: Fault) -> Fault:
        """Return the first answer (https://docs.stripe.com/api/idempotent_requests)."""
        if _asked(request) == first:
            return replace(said, headers={**said.headers, "idempotent-replayed": "true"})
        told = {"type": "idempotency_error", "message": _OTHERWISE}
        return Fault(400, json.dumps({"error": told}).encode())

    def _answered(self, request: Request) -> Fault:
        if not request.headers.get("authorization", "").startswith(("Bearer sk_", "Bearer rk_")):
            return self.refuse(401, "", "You did not provide an API key, or it is none.")
        try:
            with self.store.lock:
                said = self._found(request)
        except RefusedError as refused:
            told = self.error(refused.status, refused.code, str(refused), refused.param)
            return Fault(refused.status, json.dumps(told).encode())
        return Fault(200, json.dumps(said).encode())

    def _version(self, request: Request) -> str:
        return request.headers.get("stripe-version") or self.dials.api_version or stripe.API_VERSION

    def _found(self, request: Request) -> JSON:
        """Return what is asked for. Raises RefusedError."""
        path, query = request.path.removeprefix("/v1/"), request.query
        if path == "balance":
            return {"object": "balance", "available": [], "livemode": False, "pending": []}
        said = self._lists(path, query) if request.method == "GET" else None
        if said is None:
            said = self._one(request, path)
        shown = self._shown(said, self._version(request))
        paths: Sequence[str] = query.get("expand") or request.body.get("expand") or ()
        return expanded(shown, paths, self._any)

    def _shown(self, said: JSON, version: str) -> JSON:
        if said.get("object") == "list":
            return said | {"data": [self._shown(one, version) for one in said["data"]]}
        if said.get("object") == EVENT:  # as of the account's version when it happened
            return said
        return as_of(version, said)

    def _lists(self, path: str, query: JSON) -> JSON | None:
        """Return a page of a list, None if the path is none."""
        listed = embedded(self.store, path, query)
        if listed is not None:
            found, more = paged(listed, query)
        elif path in RESOURCES:
            found, more = page(self.store, RESOURCES[path], query)
        else:
            return None
        return {"object": "list", "data": found, "has_more": more, "url": f"/v1/{path}"}

    def _one(self, request: Request, path: str) -> JSON:
        """Return one object that is read, written or deleted."""
        resource, id = _place(path)
        writer = Writer(self.store)
        if not id and request.method == "POST":
            made = writer.create(resource, request.body)
            secret = {"secret": f"whsec_{self.store.new_id('x')[2:]}"}
            return made | secret if resource.type == ENDPOINT else made
        obj = self.store.get(resource.type, id)
        if obj is None:
            return self._gone(request, resource, id)
        if request.method == "POST":
            return writer.update(resource, obj, request.body)
        return writer.delete(resource, obj) if request.method == "DELETE" else obj

    def _gone(self, request: Request, resource: Resource, id: str) -> JSON:
        gone = self.store.deleted.get(resource.type, {})
        if request.method == "GET" and id in gone and resource.type in _STAY:
            return {"id": id, "object": resource.type, "deleted": True}
        raise RefusedError(404, "resource_missing", f"No such {resource.type}: '{id}'", "id")

    def _any(self, id: str) -> JSON | None:
        kept = self.store.objects.values()
        return next((objects[id] for objects in kept if id in objects), None)


def _asked(request: Request) -> Request:
    """Return what two requests must have in common to be the same."""
    return Request(request.method, request.path, request.body)


def _place(path: str) -> tuple[Resource, str]:
    """Return the resource, and the id in a path, '' for none. Raises RefusedError."""
    head, _, id = path.rpartition("/")
    if path in RESOURCES:
        return RESOURCES[path], ""
    if head in RESOURCES and id:
        return RESOURCES[head], id
    raise RefusedError(404, "", f"Unrecognized request URL (/v1/{path}).")


def stripe_api(api: StripeAPI, port: int = 0) -> AbstractContextManager[StripeAPI]:
    """Run the stand-in meanwhile. `url` is STRIPE_API_BASE."""
    return serving(api, port)
