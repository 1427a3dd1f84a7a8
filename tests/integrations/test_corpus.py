"""What others published of the services' payloads and signatures, against what we make of it."""

import json
import time
from datetime import datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest
import standardwebhooks.webhooks
import stripe._webhook

from integrations import INTEGRATIONS
from integrations.clerk import CLERK
from integrations.errors import InvalidSignature, Unreadable
from integrations.interface import Row
from integrations.loops import LOOPS
from integrations.schema import parse
from integrations.signature import TOLERANCE
from integrations.stripe import STRIPE
from tests.integrations.examples import is_storable, project, read

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/corpus is absent")

SIGNATURES = {
    "stripe/stripe-dotnet.json": "stripe",
    "stripe/stripe-python.json": "stripe",
    "standard-webhooks/standard-webhooks.json": "clerk",
    "standard-webhooks/clerk-javascript.json": "clerk",
    "posthog/posthog.json": "posthog",
}
# Stripe's age limit is the caller's to choose, and ours is five minutes whatever a vector says.
OUR_TOLERANCE = {"15 s old, tolerance 10": "accept", "very old, no tolerance": "reject"}
OURS_BY_EXPECTATION = {
    "signature-ok-body-invalid": "accept",  # reading it is another matter
    "signature-ok-shape-v2": "accept",
    "lib-dependent": "accept",  # a fraction of a second in Svix's time
    "sdk-dependent": "reject",  # the future, which Stripe's Python SDK lets pass
    "config-error": "reject",  # a secret that is no key admits nobody
}


def vectors():
    for path, service in SIGNATURES.items():
        file = CORPUS / "signatures" / path
        cases = json.loads(file.read_text())["cases"] if file.is_file() else []
        for case in cases:
            yield pytest.param(service, case, id=f"{file.stem}: {case['name']}")


@pytest.fixture
def clock_of_the_sdks(monkeypatch):
    """Set the clock that the verifiers' own libraries look at."""

    def set_to(now):
        class Then(datetime):
            @classmethod
            def now(cls, tz=None):
                return datetime.fromtimestamp(now, tz)

        monkeypatch.setattr(stripe._webhook, "time", SimpleNamespace(time=lambda: now))
        monkeypatch.setattr(standardwebhooks.webhooks, "datetime", Then)

    return set_to


@needs_corpus
@pytest.mark.parametrize(("service", "case"), list(vectors()))
def test_a_published_signature_is_accepted_or_refused_as_published(
    service, case, clock_of_the_sdks
):
    now = case.get("now", time.time())
    clock_of_the_sdks(now)
    body = case.get("payload", "\ud802").encode(errors="surrogatepass")
    headers = case.get("headers") or {"stripe-signature": case["header"]}
    if isinstance(headers, str):
        headers = json.loads(headers.replace("'", '"'))
    expected = OUR_TOLERANCE.get(case["name"], case["expect"])
    assert case.get("tolerance", TOLERANCE) == TOLERANCE or expected in {"accept", "reject"}
    secret = case["secret"]
    if service == "posthog" and secret:  # without the prefix it would be a shared one
        secret = f"whsec_{secret.removeprefix('whsec_')}"
    try:
        INTEGRATIONS[service].verify(body, headers, [secret], now)
        outcome = "accept"
    except InvalidSignature:
        outcome = "reject"
    assert outcome == OURS_BY_EXPECTATION.get(expected, expected)


@needs_corpus
def test_every_family_of_published_signatures_is_there():
    assert [path for path in SIGNATURES if not (CORPUS / "signatures" / path).is_file()] == []


def json_files():
    return sorted((CORPUS / "json-robustness" / "JSONTestSuite").glob("*.json"))


@needs_corpus
@pytest.mark.parametrize("file", json_files(), ids=lambda file: file.stem)
def test_a_parsers_torture_ends_in_a_storable_object_or_unreadable(file):
    body = file.read_bytes()
    for bytes_, is_object in [(body, body.lstrip()[:1] == b"{"), (b'{"a":' + body + b"}", True)]:
        outcome = parsed(bytes_)
        if file.name.startswith("n_"):
            assert outcome is None
        if file.name.startswith("y_"):
            assert (outcome is not None) == is_object
        assert is_storable(outcome)


def parsed(body):
    try:
        value = parse(body)
    except Unreadable:
        return None
    assert isinstance(value, dict)
    return value


def objects_in(value):
    """Yield every JSON object in the value, however deep."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict | list):
            yield from objects_in(inner)


@cache
def published(service):
    files = sorted((CORPUS / service).rglob("*.json"))
    return [obj for file in files for obj in objects_in(parse(wrapped(file)))]


def wrapped(file):
    return b'{"all":' + file.read_bytes() + b"}"


# A fixture with "" where Stripe has null.
ODD = {"pi_1JAyTwJSZQVUcJYgBbsz0NuH": r"^PaymentIntent\.last_payment_error: "}


@needs_corpus
@pytest.mark.parametrize(
    ("service", "kind"),
    [(s.name, kind) for s in (STRIPE, CLERK) for kind in s.mirrors],  # their objects say their kind
)
def test_a_published_object_projects_to_its_row(service, kind):
    objects = [obj for obj in published(service) if obj.get("object") == kind]
    assert len(objects) >= 3
    for obj in objects:
        if obj.get("id") is not None and obj["id"] not in ODD:
            assert project(service, obj)[0].id == obj["id"]
        else:
            with pytest.raises(Unreadable, match=ODD.get(obj.get("id"), r"\.id: ")):
                project(service, obj)


@needs_corpus
@pytest.mark.parametrize(("service", "at_least"), [("stripe", 280), ("clerk", 45)])
def test_a_published_event_is_read(service, at_least):
    events = [obj for obj in published(service) if obj.get("object") == "event"]
    sound = [obj for obj in events if service == "clerk" or isinstance(obj["data"]["object"], dict)]
    for obj in sound:
        event = read(service, obj)
        assert event.type == obj["type"]
        assert event.payload == parse(INTEGRATIONS[service].withhold(json.dumps(obj).encode()))
        assert event.id == ("msg_1" if service == "clerk" else obj["id"])
    assert len(sound) >= at_least
    for obj in (obj for obj in events if obj not in sound):
        with pytest.raises(Unreadable, match=r"^Envelope\.data\.object: "):
            read(service, obj)


@needs_corpus
def test_every_published_event_of_loops_tells_of_its_contact_but_for_the_test_event():
    events = [obj for obj in published("loops") if "eventName" in obj and "eventTime" in obj]
    told = [read("loops", obj, webhook_id="msg_1") for obj in events if is_sent(obj)]
    kinds = {event.type: event.snapshot.object_type for event in told}
    assert len(kinds) == 17
    assert [type for type, kind in kinds.items() if not kind] == ["testing.testEvent"]
    for event in (event for event in told if event.snapshot.object_type):
        rows = LOOPS.mirrors[event.snapshot.object_type].project(event.snapshot)
        assert isinstance(rows[0], Row)
        assert rows[0].id.startswith(event.payload["contactIdentity"]["id"])


def is_sent(obj):
    """Return whether it is an event, and no schema of one."""
    return isinstance(obj["eventName"], str)
