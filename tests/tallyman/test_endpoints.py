"""`tallyman endpoints`: what a service is to send, and Stripe's endpoint, compared and mended."""

import json
import re
from types import SimpleNamespace

import pytest
import responses

from settings import settings
from tests.tallyman.webhook_endpoints import SECRET, URL, VERSION, endpoint, has, told

LIKE_OURS = re.compile(
    r"(product|price|customer|payment_method|invoice|invoice_payment|payment_intent|charge|refund"
    r"|checkout|entitlements)\."
)


@pytest.fixture
def stripe(monkeypatch, clean):
    """Stripe with these endpoints; `told` is what it was told to make or to change."""
    from integrations.stripe.client import client

    monkeypatch.setenv("STRIPE_API_KEY", "sk_test_x")
    settings.cache_clear()
    client.cache_clear()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield SimpleNamespace(has=lambda *found: has(mock, list(found)), told=told(mock))
    monkeypatch.undo()
    settings.cache_clear()
    client.cache_clear()


def _json(answer):
    """Return what was printed after the log's lines, which `main` would write elsewhere."""
    assert answer.exit_code == 0, answer.output
    return json.loads("{" + f"\n{answer.output}".partition("\n{\n")[2])


def test_the_types_are_all_that_tell_of_what_is_mirrored():
    from stripe.params import WebhookEndpointCreateParams as Params

    from integrations.senders import ENDPOINTS
    from integrations.stripe import STRIPE

    events, versions = (str(Params.__annotations__[n]) for n in ("enabled_events", "api_version"))
    there = set(re.findall(r"'([a-z_]+\.[a-z_.]+)'", events))
    types = ENDPOINTS["stripe"].types
    ours = {type for of in types.values() for type in of}
    assert set(types) == set(STRIPE.mirrors)
    assert (ours - there, f"'{VERSION}'" in versions) == (set(), True)
    others = {t for t in there - ours if LIKE_OURS.match(t)}
    assert {t.rpartition(".")[0] for t in others - {"invoice.upcoming"}} == {
        "customer.discount",
        "customer.source",
        "customer.tax_id",
    }


def test_every_service_is_told_of_and_every_mirror_has_its_types():
    from integrations import INTEGRATIONS
    from integrations.senders import ENDPOINTS

    assert set(ENDPOINTS) == set(INTEGRATIONS)
    for name, endpoints in ENDPOINTS.items():
        assert set(endpoints.types) in (set(INTEGRATIONS[name].mirrors), set())


@pytest.mark.parametrize(
    ("service", "type", "where"),
    [
        ("stripe", "customer.subscription.updated", "Stripe Dashboard"),
        ("clerk", "organizationMembership.created", "Clerk Dashboard"),
        ("loops", "contact.created", "Settings > Webhooks"),
        ("posthog", "what your handlers take", "Destinations"),
        ("r2", "PutObject", "Event notifications"),
    ],
)
def test_without_a_key_it_says_what_is_to_be_set_and_where(run, service, type, where):
    told = run("endpoints", service)
    assert told.exit_code == 0, told.output
    assert f"  {type}\n" in told.output
    assert where in told.output


def test_a_type_that_only_a_handler_takes_note_of_is_among_them(run):
    told = _json(run("endpoints", "clerk", "--json"))  # tests.handlers has a handler of this type
    assert "session.created" in told["types"]


def test_an_endpoint_is_made_in_our_version_and_its_secret_shown_once(run, stripe, caplog):
    stripe.has(endpoint(url="https://elsewhere.example.org/hook"))
    told = run("endpoints", "stripe", "--url", URL)
    assert told.exit_code == 0, told.output
    ((path, made),) = stripe.told()
    assert (path, made["url"], made["api_version"]) == ("", [URL], [VERSION])
    assert "customer.created" in [v for (v,) in made.values()]
    assert told.output.count(SECRET) == 1
    assert "Next: add it to STRIPE_WEBHOOK_SECRETS" in told.output
    again = run("endpoints", "stripe", "--url", URL)
    assert "we_new is in order" in again.output
    assert SECRET not in again.output + caplog.text
    assert len(stripe.told()) == 1


def test_an_endpoint_is_mended_and_keeps_the_types_of_others(run, stripe):
    stripe.has(endpoint(status="disabled", enabled_events=["payout.paid", "customer.created"]))
    before = _json(run("endpoints", "stripe", "--json"))
    (one,) = before["endpoints"]
    assert one["faults"][0] == "is disabled"
    assert "customer.updated" in one["lacks"]
    assert "customer.created" not in one["lacks"]
    after = _json(run("endpoints", "stripe", "--url", URL, "--json"))
    assert (after["done"], after["secret"]) == ("mended we_1", None)
    assert after["endpoints"][0]["faults"] == []
    ((path, told),) = stripe.told()
    assert (path, told["disabled"]) == ("/we_1", ["false"])
    assert ["payout.paid"] in told.values()


def test_one_with_other_shapes_is_replaced_not_changed(run, stripe):
    stripe.has(endpoint(api_version="2020-08-27"))
    told = run("endpoints", "stripe", "--url", URL)
    assert "we_1 " + URL + ": has the shapes of 2020-08-27" in told.output
    assert "made we_new" in told.output


def test_one_that_is_sent_everything_lacks_nothing(run, stripe):
    stripe.has(endpoint(enabled_events=["*"]))
    assert "we_1 is in order" in run("endpoints", "stripe", "--url", URL).output
    assert stripe.told() == []


@pytest.mark.parametrize(
    ("service", "url"),
    [
        ("clerk", "https://hooks.example.org/webhooks/clerk"),
        ("stripe", "http://hooks.example.org/webhooks/stripe"),
        ("stripe", "https://hooks.example.org/webhooks/clerk"),
        ("stripe", "https://hooks.example.org/webhooks/striped"),
        ("stripe", "https://hooks.example.org/webhooks/stripe/connect"),
    ],
)
def test_an_address_that_cannot_be_ours_is_refused(run, stripe, service, url):
    told = run("endpoints", service, "--url", url)
    assert (told.exit_code, stripe.told()) == (2, [])


@pytest.mark.parametrize(
    ("found", "line"),
    [
        ([endpoint], "ok    stripe: an endpoint sends all that is handled"),
        (
            [lambda: endpoint(status="disabled"), lambda: endpoint(id="we_2")],
            "ok    stripe: an endpoint sends all that is handled",
        ),
        ([lambda: endpoint(status="disabled")], "warn  stripe: we_1 is disabled"),
        (
            [lambda: endpoint(api_version=None)],
            "warn  stripe: we_1 has the shapes of the account's own version",
        ),
        ([], "warn  stripe: none of the account's endpoints leads to /webhooks/stripe"),
    ],
)
def test_doctor_compares_when_it_may_call(run, stripe, found, line):
    stripe.has(*(one() for one in found))
    assert line in run("doctor", "--calls").output.splitlines()
    assert line not in run("doctor").output.splitlines()
