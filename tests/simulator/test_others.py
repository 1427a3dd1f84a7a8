"""Loops, PostHog's flags and the Cloudflare Queue, as what reads them does."""

import base64
import json

import cloudflare
import requests

from simulator import posthog, r2
from tests.simulator.conftest import NOW


def loops(services, method, path, **how):
    headers = {"authorization": "Bearer simulator"}
    url = f"{services.settings['LOOPS_API_BASE']}/v1/{path}"
    return requests.request(method, url, headers=headers, timeout=5, **how)


def test_a_contact_is_found_by_its_id_or_its_address(services):
    loops(services, "PUT", "contacts/update", json={"userId": "u_1", "email": "a@b.org"})
    for query in ({"userId": "u_1"}, {"email": "a@b.org"}):
        (found,) = loops(services, "GET", "contacts/find", params=query).json()
        assert (found["userId"], found["email"]) == ("u_1", "a@b.org")
    assert loops(services, "GET", "contacts/find", params={"userId": "u_2"}).json() == []
    both = {"userId": "u_1", "email": "a@b.org"}
    assert loops(services, "GET", "contacts/find", params=both).status_code == 400


def test_a_key_of_loops_says_whose_it_is(services):
    assert loops(services, "GET", "api-key").json()["success"] is True


def test_flags_come_in_pages_that_name_the_next_one(services):
    flags = services.services["posthog"].flags
    flags += [posthog.feature_flag(NOW, id=number) for number in range(5)]
    flags.append(posthog.feature_flag(NOW, id=9, deleted=True))
    url = f"{services.settings['POSTHOG_HOST']}/api/projects/1/feature_flags/?limit=2"
    headers, found, page = {"authorization": "Bearer phx_1"}, [], {}
    while url:
        page = requests.get(url, headers=headers, timeout=5).json()
        found += [flag["id"] for flag in page["results"]]
        url = page["next"]
    assert (found, page["count"]) == ([0, 1, 2, 3, 4], 5)
    one = f"{services.settings['POSTHOG_HOST']}/api/projects/1/feature_flags/3/"
    assert requests.get(one, headers=headers, timeout=5).json()["id"] == 3
    assert requests.get(one, timeout=5).status_code == 401


def test_what_was_pulled_from_the_queue_comes_again_until_it_is_acknowledged(services):
    queue, body = services.services["cloudflare"], r2.example("PutObject", NOW)
    queue.tell(body)
    queue.tell(body | {"action": "CopyObject"})
    own = services.settings
    ask = cloudflare.Cloudflare(
        api_token="t", base_url=own["CLOUDFLARE_BASE_URL"], max_retries=0
    ).queues.messages

    def pulled():
        found = ask.pull("q", account_id="a", batch_size=10, visibility_timeout_ms=60_000)
        return found.messages if found else None

    first, second = pulled()
    assert json.loads(base64.b64decode(first.body)) == body
    assert pulled() == []
    ask.ack("q", account_id="a", acks=[{"lease_id": first.lease_id}], retries=[])
    services.clock.at = NOW + 61
    (again,) = pulled()
    assert (again.id, again.attempts) == (second.id, 2)
