"""What happens to whom, as the table says."""

import pytest

from integrations.effects import Effect
from integrations.reactions import REACTIONS
from integrations.targets import TARGETS
from simulator import clerk
from tests.integrations.examples import CREATED, clerk_event, read, stripe_event


def effects(event):
    return [
        effect
        for reaction in REACTIONS
        if (reaction.service, event.type) in {(reaction.service, t) for t in reaction.types}
        and reaction.service == event.service
        for effect in reaction.effects(event)
    ]


def of_clerk(type):
    return read("clerk", clerk.example(type, CREATED))


def of_stripe(type, obj, **more):
    return read("stripe", stripe_event(obj, type, **more))


@pytest.mark.parametrize("type", ["user.created", "user.updated", "user.deleted"])
def test_a_user_becomes_a_contact_and_a_person(type):
    assert effects(of_clerk(type)) == [
        Effect(target="loops", action="contact", entity="user_ExampleUser"),
        Effect(target="posthog", action="identify", entity="user_ExampleUser"),
    ]


@pytest.mark.parametrize(
    "type", ["organization.created", "organization.updated", "organization.deleted"]
)
def test_an_organization_becomes_a_group(type):
    entity = "org_ExampleOrganization"
    assert effects(of_clerk(type)) == [Effect(target="posthog", action="group", entity=entity)]


@pytest.mark.parametrize(
    ("type", "name", "told"),
    [
        ("invoice.paid", "invoice paid", {"amount_paid": 900, "currency": "eur"}),
        ("charge.refunded", "charge refunded", {"amount_refunded": 900, "currency": "eur"}),
        ("customer.subscription.created", "subscription created", {"status": "active"}),
        ("customer.subscription.updated", "subscription updated", {"status": "past_due"}),
        ("customer.subscription.deleted", "subscription ended", {"status": "canceled"}),
        ("checkout.session.completed", "checkout completed", {"mode": "subscription"}),
    ],
)
def test_what_a_customer_does_is_captured_with_what_it_is_about(type, name, told):
    obj = {"id": "x_1", "object": "x", "customer": "cus_1", "private": "no"} | told
    payload = {"event": name, "properties": {"id": "x_1"} | told}
    assert effects(of_stripe(type, obj)) == [
        Effect(
            target="posthog",
            action="capture",
            payload=payload | {"customer": "cus_1", "account": ""},
        )
    ]


def test_a_customer_that_comes_whole_is_known_by_its_id_and_its_account():
    obj = {"id": "in_1", "object": "invoice", "customer": {"id": "cus_1", "object": "customer"}}
    (effect,) = effects(of_stripe("invoice.paid", obj, account="acct_1"))
    assert (effect.payload["customer"], effect.payload["account"]) == ("cus_1", "acct_1")


def test_a_checkout_without_a_customer_is_of_whom_it_names():
    obj = {"id": "cs_1", "object": "checkout.session", "client_reference_id": "user_1"}
    (effect,) = effects(of_stripe("checkout.session.completed", obj))
    assert effect.payload["user"] == "user_1"
    assert "customer" not in effect.payload


@pytest.mark.parametrize("customer", [None, "", 5, {}, []])
def test_what_belongs_to_nobody_is_not_captured(customer):
    obj = {"id": "in_1", "object": "invoice", "customer": customer}
    assert effects(of_stripe("invoice.paid", obj)) == []


@pytest.mark.parametrize("id", [None, "", 5, {}])
def test_what_has_no_id_happens_to_nobody(id):
    assert effects(read("clerk", clerk_event({"object": "user", "id": id}))) == []


def test_every_effect_has_somebody_to_perform_it():
    invoice = {"id": "in_1", "object": "invoice", "customer": "cus_1"}
    example = {"clerk": of_clerk("user.created"), "stripe": of_stripe("invoice.paid", invoice)}
    ours = [reaction for reaction in REACTIONS if reaction.service in example]
    made = [e for reaction in ours for e in reaction.effects(example[reaction.service])]
    assert len(made) == len(ours)
    assert all(effect.action in TARGETS[effect.target].actions for effect in made)
