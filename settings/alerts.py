"""Settings of alerts: after how long somebody is told of a trouble, and where."""

from collections.abc import Iterator

from pydantic import Field, SecretStr, field_validator

from settings.group import Group
from settings.watch import CODES

NEVER = float("inf")
_NONE = SecretStr("")


def _waits(text: str) -> Iterator[tuple[str, float]]:
    """Yield code and seconds of `dead_letters=60,limiter_pressed=never`. Raises ValueError."""
    for part in filter(None, (part.strip() for part in text.split(","))):
        code, _, wait = (word.strip() for word in part.partition("="))
        seconds = NEVER if wait == "never" else float(wait or "nothing")
        if not code or not seconds >= 0:
            raise ValueError(f"{part!r} is not as dead_letters=60 or limiter_pressed=never")
        if code not in CODES:
            raise ValueError(f"{code!r} is none of {', '.join(sorted(CODES))}")
        yield code, seconds


class Alerts(Group):
    """Who is told of what is broken, and after how long; docs/alerts.md has the reasons."""

    slack_webhook_url: SecretStr = _NONE
    slack_bot_token: SecretStr = _NONE
    slack_account: str = ""
    slack_channel: str = ""
    alert_failing_seconds: float = Field(120, ge=0)
    alert_degraded_seconds: float = Field(600, ge=0)
    alert_after: str = "dead_letters=60,limiter_pressed=never"
    alert_recovered_seconds: float = Field(300, ge=0)
    alert_together_seconds: float = Field(600, ge=0)
    alert_update_seconds: float = Field(300, gt=0)

    @field_validator("alert_after")
    @classmethod
    def _readable(cls, text: str) -> str:
        dict(_waits(text))
        return text

    def after(self, code: str, *, down: bool) -> float:
        """Return how many seconds a reason must last before it is told; infinity is never."""
        otherwise = self.alert_failing_seconds if down else self.alert_degraded_seconds
        return dict(_waits(self.alert_after)).get(code, otherwise)
