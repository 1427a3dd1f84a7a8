"""Stripe's objects, errors and idempotency keys, as its own library sees them."""

from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import stripe

from simulator import stripe as says
from simulator.stripe_billing import invoice
from tests.simulator.conftest import NOW

OLD = "2024-06-20"


def told(services):
    return [event["type"] for event in services.stripe.store.events]


def test_a_subscription_is_made_changed_and_canceled_and_events_tell_of_it(services, ask_stripe):
    customer = ask_stripe.customers.create({"name": "Ada", "metadata": {"a": "1", "b": "2"}})
    product = ask_stripe.products.create({"name": "Team"})
    price = ask_stripe.prices.create(
        {"product": product.id, "currency": "eur", "unit_amount": 1200}
    )
    wanted = {"customer": customer.id, "items": [{"price": price.id, "quantity": 2}]}
    made = ask_stripe.subscriptions.create({**wanted, "expand": ["customer"]})
    (item,) = made["items"].data
    assert (made.customer.name, item.price.unit_amount, item.quantity) == ("Ada", 1200, 2)

    ask_stripe.subscriptions.update(made.id, {"items": [{"id": item.id, "quantity": 5}]})
    assert ask_stripe.subscriptions.retrieve(made.id)["items"].data[0].quantity == 5
    assert ask_stripe.subscriptions.cancel(made.id).status == "canceled"
    changed = ask_stripe.customers.update(customer.id, {"metadata": {"a": ""}, "name": "Bea"})
    assert (changed.metadata.to_dict(), changed.name) == ({"b": "2"}, "Bea")
    ask_stripe.customers.delete(customer.id)
    assert ask_stripe.customers.retrieve(customer.id).deleted is True
    assert told(services) == [
        "customer.created",
        "product.created",
        "price.created",
        "customer.subscription.created",
        "customer.subscription.updated",
        "customer.subscription.deleted",
        "customer.updated",
        "customer.deleted",
    ]
    assert services.stripe.store.events[-2]["data"]["previous_attributes"] == {
        "metadata": {"a": "1", "b": "2"},
        "name": "Ada",
    }


def test_what_an_event_told_stays_as_it_was_when_the_object_changes(services, ask_stripe):
    store = services.stripe.store
    store.put("price", says.price(NOW, id="price_new"))
    items = [says.item(NOW, subscription="sub_1")]
    made = says.subscription(NOW, items, id="sub_1")
    store.put("subscription", made, "customer.subscription.created")
    new = {"items": [{"id": "si_ExampleItem", "price": "price_new"}]}
    ask_stripe.subscriptions.update("sub_1", new)
    first, second = store.events
    assert price_of(first["data"]["object"]) == "price_ExamplePrice"
    assert price_of(second["data"]["object"]) == "price_new"
    assert price_of(second["data"]["previous_attributes"]) == "price_ExamplePrice"


def price_of(subscription):
    (item,) = subscription["items"]["data"]
    return item["price"]["id"]


def test_what_says_how_to_write_is_not_kept(services, ask_stripe):
    services.stripe.store.put("subscription", says.subscription(NOW, id="sub_1"))
    how = {"proration_behavior": "none", "cancel_at_period_end": True}
    ask_stripe.subscriptions.update("sub_1", how)
    kept = services.stripe.store.objects["subscription"]["sub_1"]
    assert (kept["cancel_at_period_end"], "proration_behavior" in kept) == (True, False)


def test_what_is_not_there_is_missing_and_the_answer_says_when(services, ask_stripe):
    with pytest.raises(stripe.InvalidRequestError) as missing:
        ask_stripe.products.retrieve("prod_none")
    error: Any = missing.value
    assert (error.http_status, error.code, error.param) == (404, "resource_missing", "id")
    assert error.request_id.startswith("req_")
    assert parsedate_to_datetime(error.headers["date"]).timestamp() == NOW


def test_a_required_parameter_is_required_and_others_are_unknown(ask_stripe):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        ask_stripe.products.create({"description": "nameless"})
    assert (refused.value.code, refused.value.param) == ("parameter_missing", "name")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        ask_stripe.customers.create({"colour": "red"})
    assert refused.value.code == "parameter_unknown"


def test_who_has_no_key_is_refused(services):
    bases: Any = {"api": services.settings["STRIPE_API_BASE"]}
    with pytest.raises(stripe.AuthenticationError):
        stripe.StripeClient("nobody", base_addresses=bases).v1.balance.retrieve()


def test_a_repeated_key_has_the_first_answer_and_does_nothing(services, ask_stripe):
    first = ask_stripe.customers.create({"name": "Ada"}, {"idempotency_key": "k"})
    again = ask_stripe.customers.create({"name": "Ada"}, {"idempotency_key": "k"})
    assert (again.id, len(services.stripe.store.objects["customer"])) == (first.id, 1)
    assert again.last_response.headers["idempotent-replayed"] == "true"
    with pytest.raises(stripe.IdempotencyError):
        ask_stripe.customers.create({"name": "Bea"}, {"idempotency_key": "k"})


def test_the_key_of_what_was_refused_can_be_used_again(ask_stripe):
    with pytest.raises(stripe.InvalidRequestError):
        ask_stripe.products.create({}, {"idempotency_key": "k"})
    assert ask_stripe.products.create({"name": "Team"}, {"idempotency_key": "k"}).name == "Team"


def test_an_endpoint_tells_its_secret_once(ask_stripe):
    wanted = {"url": "https://a.example.com", "enabled_events": ["*"], "api_version": OLD}
    made = ask_stripe.webhook_endpoints.create(wanted)
    assert made.secret.startswith("whsec_")
    (listed,) = ask_stripe.webhook_endpoints.list()
    assert (listed.id, listed.api_version, listed.status) == (made.id, OLD, "enabled")
    assert "secret" not in listed
    changed = ask_stripe.webhook_endpoints.update(made.id, {"enabled_events": ["price.created"]})
    assert changed.enabled_events == ["price.created"]


def test_an_older_version_has_the_period_and_the_subscription_where_they_were(services, ask_stripe):
    store = services.stripe.store
    store.put("subscription", says.subscription(NOW, id="sub_1"))
    store.put("invoice", invoice(NOW, id="in_1"))
    old = {"stripe_version": OLD}
    was = ask_stripe.subscriptions.retrieve("sub_1", options=old).to_dict()
    assert (was["current_period_start"], was["current_period_end"]) == (NOW, NOW + says.MONTH)
    assert "current_period_end" not in was["items"]["data"][0]
    was = ask_stripe.invoices.retrieve("in_1", options=old).to_dict()
    assert (was["subscription"], "parent" in was) == ("sub_ExampleSubscription", False)
    assert ask_stripe.invoices.retrieve("in_1").parent.type == "subscription_details"


def test_the_dial_has_webhooks_and_log_told_in_an_older_version(services, ask_stripe, dials):
    dials.turn({"api_version": OLD})
    services.stripe.store.put("invoice", invoice(NOW, id="in_1"), "invoice.paid")
    (event,) = ask_stripe.events.list()
    assert event.api_version == OLD
    assert event.data.object.to_dict()["subscription"] == "sub_ExampleSubscription"
    assert "parent" in services.stripe.store.objects["invoice"]["in_1"]


def test_equal_seeds_make_equal_ids(ask_stripe):
    assert ask_stripe.customers.create({}).id == "cus_c446e87e0b21cfaf7ba82efa"
