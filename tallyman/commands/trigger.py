"""`tallyman trigger`: send the running receiver a realistic, signed event."""

import json
import time
from typing import Any

import click
import requests

from integrations.schema import JSON
from settings import settings
from simulator.sender import EXAMPLES, Sender
from tallyman.filters import SERVICES


@click.command()
@click.argument("service", type=SERVICES)
@click.argument("event_type")
@click.option("--count", default=1, show_default=True, help="So many events, each with its own id.")
@click.option("--duplicate", is_flag=True, help="Send each one twice.")
@click.option("--bad-signature", is_flag=True, help="Sign with another secret.")
@click.option("--age", default=0.0, help="Signed so many seconds ago.")
@click.option("--set", "changes", multiple=True, metavar="PATH=JSON", help="data.object.status=...")
def trigger(
    service: str, event_type: str, count: int, changes: tuple[str, ...], **how: Any
) -> None:
    """Sign an example event as SERVICE would, and post it to the running receiver.

    tallyman trigger stripe customer.subscription.updated --set 'data.object.status="past_due"'
    """
    sender = Sender(_receiver(), service, _secret(service))
    accepted = True
    for _ in range(count):
        event = _example(service, event_type)
        for change in changes:
            _change(event, change)
        for _ in range(1 + how["duplicate"]):
            accepted &= _send(sender, event, age=how["age"], forged=how["bad_signature"])
    if not (accepted or how["age"] or how["bad_signature"]):
        raise SystemExit(1)


def _receiver() -> str:
    shape = settings().receiver
    return f"http://{shape.host}:{shape.port}"


def _secret(service: str) -> str:
    secrets = settings().secrets(service)
    if not secrets:
        name = f"{service.upper()}_WEBHOOK_SECRETS"
        raise click.ClickException(f"{name} is not set. Next: set it, or run `tallyman up`")
    return secrets[0].get_secret_value()


def _example(service: str, event_type: str) -> JSON:
    known = EXAMPLES[service].OBJECTS
    if event_type not in known:
        raise click.ClickException(f"no example of {event_type}. There are: {', '.join(known)}")
    event: JSON = EXAMPLES[service].example(event_type, int(time.time()))
    return event


def _change(event: JSON, change: str) -> None:
    path, _, value = change.partition("=")
    *parents, last = path.split(".")
    try:
        inner: Any = event
        for name in parents:
            inner = inner[name]
        inner[last] = json.loads(value)
    except (KeyError, TypeError, ValueError) as error:
        raise click.ClickException(f"--set {change}: {error}; write PATH=JSON") from None


def _send(sender: Sender, event: JSON, *, age: float, forged: bool) -> bool:
    event_id = event.get("id") or f"msg_{time.time_ns()}"
    try:
        answer = sender.send(event, event_id=event_id, age=age, forged=forged)
    except requests.RequestException as error:
        where = f"{sender.receiver} ({type(error).__name__})"
        raise click.ClickException(f"no receiver at {where}. Next: tallyman up") from None
    click.echo(f"{answer.status_code} {event['type']} {event_id} {answer.text.strip()}")
    return answer.status_code == 202
