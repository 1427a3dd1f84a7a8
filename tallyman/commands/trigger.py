"""`tallyman trigger`: send the running receiver a realistic, signed event."""

import json
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import click
import requests

from integrations import INTEGRATIONS
from integrations.errors import Unreadable
from integrations.interface import Delivery
from integrations.schema import JSON, dump
from settings import settings
from simulator.sender import EXAMPLES, Sender
from tallyman.filters import AT_MOST, SERVICES
from tallyman.printing import as_json, print_json


class Seconds(click.ParamType[float]):
    """A number of seconds; unlike click's own numbers, a finite one."""

    name = "seconds"

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        """Return the seconds; fails for what is no time on this earth."""
        try:
            seconds = float(value)
        except ValueError:
            seconds = math.nan
        if not abs(seconds) < 1e9:
            self.fail(f"{value!r} is no number of seconds", param, ctx)
        return seconds


@dataclass(frozen=True, slots=True)
class Sent:
    """An event that was sent, and what the receiver answered."""

    status: int
    type: str
    id: str
    answer: str

    def __str__(self) -> str:
        return f"{self.status} {self.type} {self.id} {self.answer}"


@click.command()
@click.argument("service", type=SERVICES)
@click.argument("event_type")
@click.option(
    "--count", type=AT_MOST, default=1, show_default=True, help="So many, each with its own id."
)
@click.option("--duplicate", is_flag=True, help="Send each one twice.")
@click.option("--bad-signature", is_flag=True, help="Sign with another secret.")
@click.option("--age", type=Seconds(), default=0.0, help="Signed so many seconds ago.")
@click.option("--set", "changes", multiple=True, metavar="PATH=JSON", help="data.object.status=...")
@as_json
def trigger(
    service: str, event_type: str, count: int, changes: tuple[str, ...], json_: bool, **how: Any
) -> None:
    """Sign an example event as SERVICE would, and post it to the running receiver.

    tallyman trigger stripe customer.subscription.updated --set 'data.object.status="past_due"'
    """
    sender = Sender(_receiver(), service, _secret(service))
    sent = []
    for _ in range(count):
        event = _example(service, event_type, changes)
        message_id = f"msg_{time.time_ns()}"
        for _ in range(1 + how["duplicate"]):
            answer = _send(sender, event, message_id, how["age"], forged=how["bad_signature"])
            id = _id(service, event, message_id)
            sent.append(Sent(answer.status_code, event_type, id, answer.text.strip()))
            if not json_:
                click.echo(sent[-1])
    if json_:
        print_json([asdict(one) for one in sent])
    accepted = all(one.status == 202 for one in sent)
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


def _example(service: str, event_type: str, changes: Sequence[str]) -> JSON:
    known = EXAMPLES[service].OBJECTS
    if event_type not in known:
        raise click.ClickException(f"no example of {event_type}. There are: {', '.join(known)}")
    event: JSON = EXAMPLES[service].example(event_type, int(time.time()))
    for change in changes:
        _change(event, change)
    return event


def _change(event: JSON, change: str) -> None:
    path, equals, value = change.partition("=")
    if not equals:
        raise click.UsageError(f"--set {change}: no '=' in it; write PATH=JSON")
    *parents, last = path.split(".")
    try:
        inner: Any = event
        for name in parents:
            inner = inner[name]
        inner[last] = _value(value)
    except (KeyError, TypeError):
        raise click.UsageError(f"--set {change}: no such path") from None
    except ValueError as error:
        raise click.UsageError(f"--set {change}: {error}; write PATH=JSON") from None


def _value(text: str) -> Any:
    value = json.loads(text)
    json.dumps(value, allow_nan=False, ensure_ascii=False).encode()  # JSON knows no NaN
    return value


def _send(
    sender: Sender, event: JSON, message_id: str, age: float, *, forged: bool
) -> requests.Response:
    try:
        return sender.send(event, event_id=message_id, age=age, forged=forged)
    except requests.RequestException as error:
        where = f"{sender.receiver} ({type(error).__name__})"
        raise click.ClickException(f"no receiver at {where}. Next: tallyman up") from None


def _id(service: str, event: JSON, message_id: str) -> str:
    """Return the id that the ledger will have: the event's own, or the message's."""
    integration = INTEGRATIONS[service]
    kept = dict.fromkeys(integration.kept_headers, message_id)
    delivery = Delivery(service, "", dump(event).encode(), kept, datetime.now(UTC))
    try:
        return integration.read(delivery).id
    except Unreadable:
        return message_id
