"""How the ten nights went: real stores, pipeline, receiver and gate; the simulator's Stripe."""

from contextlib import suppress
from typing import TYPE_CHECKING

from integrations.errors import Deferred, Permanent, Transient
from simulator.stripe_api import StripeAPI
from tests import handlers
from tests.incidents.conftest import Night
from tests.incidents.older import counted_anew, older
from tests.receiver.deliveries import stripe_body
from tests.worker import stories
from tests.worker.conftest import Sql

if TYPE_CHECKING:
    from tests.incidents.test_incidents import Post

PAST = """
    INSERT INTO events (service, event_id, endpoint, account, type, status, attempts, received_at,
        settled_at, body, headers)
    SELECT 'clerk', 'msg_' || extract(epoch FROM at), '', '', 'user.updated', 'handled', 1, at, at,
        '{}', '{}'
    FROM generate_series(now() - interval '21 days', now() - interval '40 min', '20 min') AS at
"""
NIGHTLY = """
    DELETE FROM events WHERE (now() - received_at) - interval '1 day'
        * floor(extract(epoch FROM now() - received_at) / 86400) < interval '5 hours'
"""


class Nights:
    """Each method is a night; those that are broken end with what an operator does about it."""

    def __init__(self, night: Night, stripe: StripeAPI, sql: Sql, post: "Post") -> None:
        self.night, self.stripe, self.sql, self.post = night, stripe, sql, post

    def ask_stripe(self, times: int = 3) -> None:
        """Ask Stripe for its newest event, as syncs do."""
        from integrations.stripe.client import asking, client

        for _ in range(times):
            with suppress(Transient, Permanent, Deferred), asking():
                client().v1.events.list({"limit": 1})

    def stripe_api_is_down_for_ten_minutes(self) -> None:
        self.night.goes_on(2, self.ask_stripe)
        self.stripe.dials.fail = 1
        self.night.goes_on(10, lambda: self.ask_stripe(6))
        self.stripe.dials.fail = 0
        self.night.goes_on(18, self.ask_stripe, step=2)

    def stripe_api_is_down_for_a_minute(self) -> None:
        self.stripe.dials.fail = 1
        self.night.goes_on(1, lambda: self.ask_stripe(6))
        self.stripe.dials.fail = 0
        self.night.goes_on(15, self.ask_stripe)

    def stripe_throttles_for_half_an_hour(self) -> None:
        def busy() -> None:
            self.ask_stripe(6)
            self.stripe.dials.throttle, self.stripe.dials.retry_after = 1, 40
            self.ask_stripe(9)
            self.stripe.dials.throttle = 0

        self.night.goes_on(30, busy, step=2)

    def a_type_of_event_is_poison(self) -> None:
        from worker import dead_letters
        from worker.search import Filter

        def refuse(*_: object) -> None:
            raise Permanent("there is no such plan")

        handlers.behaviour["invoice.paid"] = refuse
        stories.put(*(stories.invoice(f"evt_{n}") for n in range(30)))
        stories.drained()
        self.night.goes_on(10)
        handlers.behaviour.clear()
        dead_letters.redrive(Filter(service="stripe"), 100)
        stories.retried()
        self.night.goes_on(8)

    def a_handler_fails_and_the_retries_mend_it(self) -> None:
        handlers.behaviour["invoice.paid"] = stories.fail
        stories.put(*(stories.customer_event(f"evt_c{n}") for n in range(70)))
        stories.put(*(stories.invoice(f"evt_{n}") for n in range(30)))
        stories.drained()
        self.night.goes_on(5)
        handlers.behaviour.clear()
        self.sql.execute(f"{stories.DUE} WHERE status = 'retrying'")
        stories.retried()
        self.night.goes_on(8)

    def deliveries_are_not_taken_up(self) -> None:
        stories.put(*(stories.customer_event(f"evt_{n}") for n in range(40)))
        self.night.goes_on(16, step=2)
        stories.drained()
        self.night.goes_on(8, step=2)

    def a_burst_takes_four_minutes(self) -> None:
        stories.put(*(stories.customer_event(f"evt_{n}") for n in range(100)))
        self.night.goes_on(4)
        stories.drained()
        self.night.goes_on(8, step=2)

    def a_secret_was_rotated(self) -> None:
        assert self.post(body=stripe_body("evt_1")).status_code == 202
        stories.drained()
        self.night.goes_on(2)
        for _ in range(8):
            assert self.post(secret="whsec_the_new_one").status_code == 401
        self.night.goes_on(4)
        assert self.post(body=stripe_body("evt_2")).status_code == 202
        stories.drained()
        self.night.goes_on(8)

    def clerk_sends_nothing_any_more(self) -> None:
        self.sql.execute(PAST)
        counted_anew()
        self.night.goes_on(1)
        older(180)
        counted_anew()
        self.night.goes_on(4)
        stories.put(stories.clerk("msg_1", "user.updated", stories.user()))
        stories.drained("clerk")
        self.night.goes_on(8, step=2)

    def a_source_that_is_quiet_every_night(self) -> None:
        self.sql.execute(PAST)
        self.sql.execute(NIGHTLY)
        counted_anew()
        self.night.goes_on(10, step=5)
