"""What we ask Stripe: its own library, through the gate."""

from contextlib import AbstractContextManager
from functools import cache

import stripe

from integrations.errors import Permanent, Transient
from integrations.outbound import outcome_of, session_of_any_thread
from settings import settings


@cache
def client() -> stripe.StripeClient:
    """Return this process' client, made when it is first asked for: not before a fork.

    Calls raise Transient, Permanent and Deferred inside `asking()`. The library tries nothing
    again, and tells Stripe nothing of the machine (stripe/_telemetry_id.py).
    """
    shape = settings().stripe
    stripe.enable_telemetry = False
    return stripe.StripeClient(
        shape.stripe_api_key.get_secret_value(),
        base_addresses={"api": shape.stripe_api_base},
        max_network_retries=0,
        http_client=stripe.RequestsClient(session=session_of_any_thread("stripe")),
    )


def asking() -> AbstractContextManager[None]:
    """Return a block in which the library's errors become ours."""
    return outcome_of(_meaning)


def _meaning(error: Exception) -> Exception:
    """Return what an error of the library means; what the gate raises is not among them.

    Its message may hold what was sent, so only Stripe's code is told. A 400 may be a limit; a 2xx
    that cannot be read has been acted upon: stripe/_api_requestor.py, specific_v1_api_error and
    _interpret_response.
    """
    if not isinstance(error, stripe.StripeError):
        return error
    code = error.error.code if error.error else None
    message = f"stripe answered {error.http_status} {code or type(error).__name__}"
    if isinstance(error, stripe.RateLimitError):
        return Transient(message)
    if isinstance(error, stripe.APIError) and (error.http_status or 0) < 300:
        return Transient(message, unknown=True)
    return Permanent(message)


def check_key() -> None:
    """Ask for the account's balance, which changes nothing. Raises Permanent for a wrong key."""
    with asking():
        client().v1.balance.retrieve()
