"""What is taken out of Stripe's bodies: client secrets, wherever they stand, and nothing else."""

import json

import pytest

from integrations.stripe import STRIPE
from tests.integrations.examples import OBJECTS, read, stripe_event

CUSTOMER = OBJECTS["stripe"]["customer"]


def test_client_secrets_are_withheld_and_all_else_is_read():
    intent = {"object": "payment_intent", "id": "pi_1", "client_secret": "s3cret", "amount": 5}
    session = {"object": "checkout.session", "id": "cs_1", "payment_intent": intent}
    came = json.dumps(stripe_event(session | {"client_secret": "s3cret"})).encode()
    safe = STRIPE.withhold(came)
    assert b"s3cret" in came
    assert b"s3cret" not in safe
    assert STRIPE.withhold(safe) is safe
    assert read("stripe", came).snapshot.object == {
        "object": "checkout.session",
        "id": "cs_1",
        "payment_intent": {"object": "payment_intent", "id": "pi_1", "amount": 5},
    }


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("https://x.io/pi_1a_secret_2b?a=1", "https://x.io/?a=1"),
        ("https://x.io/src_1/src_client_secret_2b", "https://x.io/src_1/"),
        ("cs_test_1a_secret_2b", ""),
        ("top_secret_project", "top_secret_project"),
    ],
)
@pytest.mark.parametrize("inside", [lambda text: text, lambda text: [[text]]], ids=["", "list"])
def test_a_client_secret_is_gone_from_an_address_too(told, kept, inside):
    event = read("stripe", stripe_event(CUSTOMER | {"metadata": {"url": inside(told)}}))
    assert event.snapshot.object["metadata"]["url"] == inside(kept)


@pytest.mark.parametrize("spelt", [r"client\u005fsecret", r"\u0063lient_secret"])
def test_a_client_secret_is_found_however_its_name_is_spelt(spelt):
    came = json.dumps(stripe_event(CUSTOMER | {"NAME": "s3cret"})).replace("NAME", spelt)
    assert b"s3cret" not in STRIPE.withhold(came.encode())


@pytest.mark.parametrize("name", ["Ada", "top_secret", "é", {"": "é"}, ["", None]], ids=str)
def test_the_very_same_bytes_are_handed_on_when_nothing_in_them_is_secret(name):
    came = json.dumps(stripe_event(CUSTOMER | {"name": name})).encode()
    assert STRIPE.withhold(came) is came


@pytest.mark.parametrize("beside", ["pi_", "cs_pi_x_", "seti_a", "src_client_secre"])
def test_a_megabyte_that_looks_like_the_beginning_of_secrets_is_searched_through(beside):
    text = beside * (1_000_000 // len(beside))
    event = stripe_event(CUSTOMER | {"name": f"{text} top_secret", "phone": "pi_1_secret_2"})
    safe = json.loads(STRIPE.withhold(json.dumps(event).encode()))
    assert safe["data"]["object"] == CUSTOMER | {"name": f"{text} top_secret", "phone": ""}
