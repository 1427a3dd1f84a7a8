"""Slack, told of an incident by one message that follows it, and by answers in its thread."""

from functools import partial

from integrations.errors import Permanent
from integrations.oauth.interface import AccessToken
from integrations.oauth.tokens import TokenRefused, with_token
from integrations.schema import JSON
from integrations.slack import messages
from integrations.slack.messages import Ask, RefusedError, Sent
from settings import settings
from worker.alerts import words
from worker.alerts.shown import Shown
from worker.alerts.words import Kind


def tell(incident: Shown, kind: Kind, sent: Sent, attempt: int) -> Sent:
    """Post, or change the message and, for what is to be noticed, answer it in its thread.

    What only has other words is not told where no message can be changed. Raises Permanent,
    Transient, or Deferred.
    """
    said = text(incident)
    if not sent.message or messages.way() != "bot":  # a webhook knows nothing of what a bot posted
        return sent if kind == "updated" else messages.post(_lend, said, attempt=attempt)
    messages.change(_lend, sent, said, attempt=attempt)
    if kind == "updated":
        return sent
    short = f"{words.mark(incident)} {messages.escaped(words.title(incident))}"
    if not messages.answer(_lend, sent, short, seen=kind == "again", attempt=attempt):
        return messages.post(_lend, said, attempt=attempt)
    return sent


def test(said: str) -> None:
    """Post a message. Raises as `tell`."""
    messages.post(_lend, f":test_tube: {messages.escaped(said)}")


def text(incident: Shown) -> str:
    """Return the message of an incident."""
    first = f"{words.mark(incident)} *{messages.escaped(words.title(incident))}*"
    return "\n".join((first, *words.lines(incident, messages.escaped, _link)))


def _link(url: str, name: str) -> str:
    return f"<{messages.escaped(url)}|{name}>"


def _lend(ask: Ask) -> JSON:
    """Have Slack asked with SLACK_BOT_TOKEN, or the token of the account that is connected."""
    shape = settings().alerts
    if not shape.slack_account:
        return ask(AccessToken(shape.slack_bot_token.get_secret_value(), version=0))
    try:
        return with_token("slack", shape.slack_account, partial(_renewable, ask))
    except TokenRefused as refused:
        raise Permanent(str(refused)) from None


def _renewable(ask: Ask, token: AccessToken) -> JSON:
    try:
        return ask(token)
    except RefusedError as refused:
        raise TokenRefused(str(refused)) from None
