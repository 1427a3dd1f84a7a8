"""Messages in a channel of the team's own Slack: posted, changed, and answered in their thread.

With a bot's token where there is one, else through an incoming webhook, which only posts. Methods
and errors: docs.slack.dev/reference/methods/chat.postMessage and chat.update; webhooks:
docs.slack.dev/messaging/sending-messages-using-incoming-webhooks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from integrations import outbound
from integrations.errors import Permanent, Transient
from integrations.oauth.interface import AccessToken
from integrations.schema import JSON
from integrations.slack.oauth import GONE as REFUSED
from settings import settings

_PASSING = frozenset(
    {
        *("ratelimited", "rate_limited", "message_limit_exceeded", "service_unavailable"),
        *("internal_error", "fatal_error", "request_timeout", "accesslimited", "team_added_to_org"),
    }
)
"""Errors after which the same call may succeed; Slack answers them with status 200."""

_NO_LONGER = frozenset(
    {"message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found"}
)
"""Somebody deleted the message, or the workspace forbids to change what is old."""


Ask = Callable[[AccessToken], JSON]
Lend = Callable[[Ask], JSON]
"""Has Slack asked with a token; returns its answer. Raises Permanent, Transient, or Deferred."""


class RefusedError(Permanent):
    """Slack does not take the token any more."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a message is; of one that a webhook posted, nothing is known."""

    channel: str = ""
    message: str = ""


def way() -> str:
    """Return how messages are sent: `bot`, `webhook`, or nothing where neither is set."""
    shape = settings().alerts
    if shape.slack_channel and (shape.slack_bot_token.get_secret_value() or shape.slack_account):
        return "bot"
    return "webhook" if shape.slack_webhook_url.get_secret_value() else ""


def escaped(text: str) -> str:
    """Return a text as Slack shows it: docs.slack.dev/messaging/formatting-message-text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def post(lend: Lend, text: str, *, attempt: int = 1) -> Sent:
    """Post a message, with a token only where that is the way; return where it is.

    Raises Permanent, Transient, or Deferred.
    """
    if way() != "bot":
        return _by_webhook(text, attempt)
    asked = {"channel": settings().alerts.slack_channel, "text": text, "unfurl_links": False}
    said = lend(lambda token: _call("chat.postMessage", asked, attempt, token))
    return Sent(str(said.get("channel", "")), str(said.get("ts", "")))


def change(lend: Lend, sent: Sent, text: str, *, attempt: int = 1) -> bool:
    """Give a message other words; return False where it cannot be changed any more.

    Raises as `post`.
    """
    asked = {"channel": sent.channel, "ts": sent.message, "text": text}
    return _still(lend, "chat.update", asked, attempt)


def answer(lend: Lend, sent: Sent, text: str, *, seen: bool, attempt: int = 1) -> bool:
    """Answer in a message's thread, `seen` in the channel too; return False without a message.

    Raises as `post`.
    """
    asked = {"channel": sent.channel, "thread_ts": sent.message, "text": text}
    return _still(lend, "chat.postMessage", asked | {"reply_broadcast": seen}, attempt)


def _still(lend: Lend, method: str, asked: Mapping[str, Any], attempt: int) -> bool:
    try:
        lend(lambda token: _call(method, asked, attempt, token))
    except _NoLongerError:
        return False
    return True


class _NoLongerError(Permanent):
    """There is no such message any more, or it is left as it is."""


def _by_webhook(text: str, attempt: int) -> Sent:
    outbound.request(
        "slack",
        "webhook",
        "POST",
        settings().alerts.slack_webhook_url.get_secret_value(),
        json={"text": text},
        attempt=attempt,
        path="SLACK_WEBHOOK_URL",
    )
    return Sent()


def _call(method: str, asked: Mapping[str, Any], attempt: int, token: AccessToken) -> JSON:
    found = outbound.request(
        "slack",
        method,
        "POST",
        f"{settings().slack.slack_base}/api/{method}",
        headers=token.headers,
        json=dict(asked),
        attempt=attempt,
    )
    said = found.json()
    if not isinstance(said, dict) or said.get("ok") is not True:
        raise _error(method, str(said.get("error", "") if isinstance(said, dict) else ""))
    return said


def _error(method: str, code: str) -> Exception:
    if code in REFUSED:
        return RefusedError(f"slack {method}: {code}")
    kind = Transient if code in _PASSING else _NoLongerError if code in _NO_LONGER else Permanent
    return kind(f"slack {method}: {code or 'answered something strange'}")
