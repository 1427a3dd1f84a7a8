"""A Stripe whose lists page as Stripe's do, over objects that a test wrote."""

import json
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from integrations.stripe import STRIPE
from integrations.stripe.sync import SYNC

NOW = 1_790_000_000
BASE = "https://api.stripe.com"


def collection(kind) -> Any:
    return SYNC.collection(kind)


def rows(snapshot) -> Any:
    """Return what an object becomes."""
    return STRIPE.mirrors[snapshot.object_type].project(snapshot)


def date(seconds):
    return {"date": format_datetime(datetime.fromtimestamp(seconds, UTC), usegmt=True)}


def missing(param, message="No such object: 'x'", *, status=404):
    told = {"type": "invalid_request_error", "code": "resource_missing"}
    error = {"error": {**told, "message": message, "param": param}}
    return status, date(NOW), json.dumps(error)


def says(value):
    return 200, date(NOW), json.dumps(value)


class Lists:
    """`at[path]` is a list, newest first; `asked` is what came in: (path, parameters)."""

    def __init__(self, mock):
        self.mock, self.at, self.asked, self.accounts = mock, {}, [], []

    def add(self, path, objects):
        self.at[path] = objects
        self.mock.add_callback("GET", BASE + path, self._listed)

    def one(self, path, answer):
        def told(request):
            self._note(request)
            return answer

        self.mock.add_callback("GET", BASE + path, told)

    def paths(self):
        return [path for path, _ in self.asked]

    def _note(self, request):
        address = urlsplit(request.url)
        params = {name: values[-1] for name, values in parse_qs(address.query).items()}
        self.asked.append((address.path, params))
        self.accounts.append(request.headers.get("Stripe-Account"))
        return address.path, params

    def _listed(self, request):
        path, params = self._note(request)
        found = [o for o in self.at[path] if _shown(o, params)]
        if last := params.get("starting_after"):
            ids = [o["id"] for o in self.at[path]]
            if last not in ids:
                return missing("starting_after", status=400)
            behind = set(ids[ids.index(last) + 1 :])
            found = [o for o in found if o["id"] in behind]
        limit = int(params.get("limit", 10))
        more = len(found) > limit
        return says({"object": "list", "url": path, "data": found[:limit], "has_more": more})


def _shown(one, params):
    """Return whether the filters let an object through; those that Stripe has, no others."""
    known = {"limit", "starting_after", "expand[0]", "status"}
    tests = {
        "created[gte]": lambda v: one["created"] >= int(v),
        "created[lt]": lambda v: one["created"] < int(v),
        "created[lte]": lambda v: one["created"] <= int(v),
        "active": lambda v: one["active"] is (v == "true"),
        "customer": lambda v: one["customer"] == v,
        "subscription": lambda v: one["subscription"] == v,
    }
    ended = one.get("status") == "canceled" and params.get("status") != "all"
    return not ended and all(tests[k](v) for k, v in params.items() if k not in known)
