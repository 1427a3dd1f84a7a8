"""What we tell the team's own application, signed by Standard Webhooks."""

import time

from integrations import outbound, standard_webhooks
from integrations.effects import Action, Sending, Target
from integrations.errors import Permanent, Transient
from integrations.schema import dump
from settings import settings

NAME = "app"
_GONE = 410
# the others' waits and failures are the gate's matter
_ANSWERS = frozenset(range(400, 500)) - {408, 425, 429}


def deliver(sending: Sending, _known: None) -> None:
    """Post the payload, with the time at which it happened; the key is the message's id.

    Raises Permanent for 410, by which the application says that it wants no more (Standard
    Webhooks), and Transient for all else but 2xx: an application that is being deployed, or whose
    secret is being changed, may answer 404 or 401 for a while.
    """
    if not sending.payload:
        raise Permanent("app.deliver posts a payload; an entity has none")
    body = dump({"timestamp": sending.occurred_at.isoformat()} | sending.payload).encode()
    answer = outbound.request(
        NAME,
        "deliver",
        "POST",
        settings().application.app_webhook_url,
        headers=_signed(body, sending.key),
        content=body,
        fine=_ANSWERS,
        attempt=sending.attempt,
        path="APP_WEBHOOK_URL",
    )
    if answer.status == _GONE:
        raise Permanent("the application answered 410: it wants no more of these")
    if answer.status in _ANSWERS:
        raise Transient(f"the application answered {answer.status}")


def _signed(body: bytes, key: str) -> dict[str, str]:
    secret = settings().application.app_webhook_secret.get_secret_value()
    try:
        return standard_webhooks.sign(body, secret, time.time(), key)
    except standard_webhooks.BadSecretError as error:
        raise Permanent(f"APP_WEBHOOK_SECRET: {error}") from None


def on() -> bool:
    """Return whether the address and the secret are set."""
    own = settings().application
    return bool(own.app_webhook_url and own.app_webhook_secret.get_secret_value())


TARGET = Target(name=NAME, actions={"deliver": Action(send=deliver)}, on=on)
