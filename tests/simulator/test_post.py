"""The way of the webhooks, with a receiver that verifies by the providers' own libraries."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
import stripe
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from simulator import clerk as clerk_says
from simulator import stripe as says
from simulator.dials import BadDialError
from simulator.stand_in import Fault, StandIn, serving
from simulator.world import CLERK_SECRETS, STRIPE_SECRETS, sending
from tests.conftest import BOUND_SECONDS
from tests.simulator.conftest import NOW


@dataclass
class Receiver(StandIn):
    """Takes what one of its secrets signed; the ids in the order in which they came."""

    secrets: dict[str, str] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)

    def do(self, request):
        service = request.path.rpartition("/")[2]
        secret = self.secrets[service]
        try:
            if service == "stripe":
                signature = request.headers["stripe-signature"]
                stripe.WebhookSignature.verify_header(request.content, signature, secret, 300)
            else:
                named = {n.replace("svix", "webhook"): v for n, v in request.headers.items()}
                Webhook(secret).verify(request.content, named)
        except (stripe.SignatureVerificationError, WebhookVerificationError):
            return Fault(401)
        self.taken.append(request.headers.get("svix-id") or request.body["id"])
        self.bodies.append(request.body)
        return Fault(202, b"{}")


@pytest.fixture
def receiver(services):
    own = {"stripe": STRIPE_SECRETS[0], "clerk": CLERK_SECRETS[0]}
    with serving(Receiver(secrets=own)) as listening:
        services.post.receiver = listening.url
        services.clock.at = None  # what verifies looks at the time
        yield listening


def happen(services, count):
    """Have so many customers made; return the ids of the events."""
    store = services.stripe.store
    for number in range(count):
        store.put("customer", says.customer(NOW, id=f"cus_{number}"), "customer.created")
    return [event["id"] for event in store.events]


def test_each_event_is_sent_once_in_its_order_and_verifies(services, receiver):
    told = happen(services, 5)
    services.clerk.store.put("user", clerk_says.user(NOW * 1000), "user.created")
    services.post.flush()
    assert receiver.taken[:5] == told
    assert receiver.taken[5].startswith("msg_")
    assert receiver.bodies[5]["type"] == "user.created"
    assert services.post.counts == {"told": 6, "sent": 6}


def test_what_is_dropped_is_in_the_log_and_known(services, receiver, dials):
    dials.turn({"drop": 0.3})
    told = happen(services, 40)
    services.post.flush()
    lost = [id for _, id in services.post.dropped]
    assert 0 < len(lost) < 40
    assert [id for id in told if id not in lost] == receiver.taken


def test_what_is_repeated_comes_twice_and_what_is_shuffled_all_the_same(services, receiver, dials):
    dials.turn({"repeat": 0.5, "reorder": 10})
    told = happen(services, 40)
    services.post.flush()
    times = Counter(receiver.taken)
    assert times.keys() == set(told)
    assert set(times.values()) == {1, 2}
    first = list(dict.fromkeys(receiver.taken))
    assert first != told


def test_while_a_secret_is_replaced_the_old_and_the_new_one_verify(services, receiver, dials):
    receiver.secrets = {"stripe": STRIPE_SECRETS[1], "clerk": CLERK_SECRETS[1]}
    dials.turn({"rotate": True})
    happen(services, 1)
    services.clerk.store.put("user", clerk_says.user(NOW * 1000), "user.created")
    services.post.flush()
    receiver.secrets = {"stripe": STRIPE_SECRETS[0], "clerk": CLERK_SECRETS[0]}
    happen(services, 1)
    services.post.flush()
    assert len(receiver.taken) == 3


def test_what_the_receiver_cannot_take_at_once_is_sent_again(services, receiver, monkeypatch):
    monkeypatch.setattr("simulator.post.PAUSE", 0)
    receiver.faults += [Fault(503), Fault(503)]
    told = happen(services, 2)
    services.post.flush()
    assert (receiver.taken, services.post.dropped) == (told, [])


def test_what_the_receiver_refuses_for_good_is_lost(services, receiver, monkeypatch):
    monkeypatch.setattr("simulator.post.PAUSE", 0)
    receiver.faults += [Fault(401)] * 5
    first, second = happen(services, 2)
    services.post.flush()
    assert services.post.dropped == [("stripe", first)]
    assert receiver.taken == [second]


def test_a_clock_ahead_signs_with_its_own_time(services, receiver, dials, monkeypatch):
    monkeypatch.setattr("simulator.post.PAUSE", 0)
    dials.turn({"skew": -600})
    happen(services, 1)
    services.post.flush()
    assert receiver.taken == []


def test_a_thread_sends_what_is_due_and_not_what_is_held_back(services, receiver, dials):
    dials.turn({"delay": 3600})
    happen(services, 1)
    dials.turn({"delay": 0})
    services.stripe.store.put("product", says.product(NOW), "product.created")
    with sending(services):
        end = time.monotonic() + BOUND_SECONDS
        while not receiver.taken and time.monotonic() < end:
            time.sleep(0.01)
    assert [body["type"] for body in receiver.bodies] == ["product.created"]
    assert len(services.post.waiting) == 1


def test_equal_seeds_lose_the_same(services, dials):
    dials.turn({"drop": 0.5})
    told = happen(services, 10)
    lost = [told.index(id) for _, id in services.post.dropped]
    assert lost == [0, 1, 4, 5, 7]


@pytest.mark.parametrize(
    ("turned", "why"),
    [
        ({"drop": 1.5}, "drop: Input should be less than or equal to 1"),
        ({"dorp": 0.5}, "dorp: Extra inputs are not permitted"),
        ({"drop": 0.5, "slow": "very"}, "slow: Input should be a valid number"),
    ],
)
def test_a_dial_that_cannot_be_turned_so_turns_no_other(dials, turned, why):
    with pytest.raises(BadDialError, match=why):
        dials.turn(turned)
    assert dials.drop == 0
