"""Stripe's webhook endpoints, as a test wants them."""

import json
import re
from urllib.parse import parse_qs

URL = "https://hooks.example.org/webhooks/stripe"
API = "https://api.stripe.com/v1/webhook_endpoints"
VERSION = "2026-10-28.endive"
SECRET = "whsec_new"


def endpoint(**rest):
    from worker.endpoint_checks import wanted

    return {
        "id": "we_1",
        "object": "webhook_endpoint",
        "url": URL,
        "status": "enabled",
        "api_version": VERSION,
        "enabled_events": wanted("stripe"),
        "secret": None,
    } | rest


def has(mock, found):
    mock.get("https://api.stripe.com/v1/balance", json={"object": "balance"})
    mock.add_callback(
        "GET", API, lambda _: (200, {}, json.dumps({"object": "list", "data": found}))
    )

    def made(_):
        found.append(endpoint(id="we_new"))
        return 200, {}, json.dumps(found[-1] | {"secret": SECRET})

    def mended(request):
        (one,) = (e for e in found if request.url.endswith(e["id"]))
        types = [v for k, (v,) in parse_qs(request.body).items() if k.startswith("enabled_events")]
        one |= {"enabled_events": types, "status": "enabled"}
        return 200, {}, json.dumps(one)

    mock.add_callback("POST", API, made)
    mock.add_callback("POST", re.compile(f"{API}/.+"), mended)


def told(mock):
    def posts():
        made = [c.request for c in mock.calls if c.request.method == "POST"]
        return [(p.url.removeprefix(API), parse_qs(p.body)) for p in made]

    return posts
