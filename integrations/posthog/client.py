"""PostHog's own library, made to lose nothing: it sends at once, it raises, its answer is read."""

from datetime import timedelta
from functools import cache
from typing import Any

import requests
from posthog import Posthog
from posthog.request import EVENTS_ENDPOINT, post

from integrations.errors import Blocked, Permanent, Transient
from integrations.outbound import session
from settings import settings

NAME = "posthog"
_OVER_QUOTA = timedelta(hours=1).total_seconds()

_KEY_REFUSED = 60.0  # seconds until the key is tried again


class Client(Posthog):
    """The library but for how it sends: through the gate, and not without reading the answer."""

    def _send_sync(self, msg: dict[str, Any], _lane: object) -> None:
        """Post one event, as posthog/client.py does. Raises if it was not taken."""
        try:
            answer = post(
                self.api_key,
                self.host,
                EVENTS_ENDPOINT,
                session=session(NAME),
                batch=[msg],
                historical_migration=self.historical_migration,
            )
        except requests.RequestException as error:
            why = f"PostHog: no whole answer ({type(error).__name__})"
            raise Transient(why, unknown=True) from None
        _check(answer)


def call(method: str, /, *args: Any, historical: bool = False, **named: Any) -> None:
    """Call a method of the library. Raises Transient, Permanent, or Blocked.

    `historical` says that the event comes from a backfill. Of events that have the same uuid, name,
    time and distinct id PostHog keeps one (staff in PostHog/posthog#17211).
    """
    group = settings().posthog
    key = group.posthog_project_key.get_secret_value()
    if getattr(_client(key, group.posthog_host, historical), method)(*args, **named) is None:
        raise Permanent(f"the library of PostHog sends no such {method}")


@cache
def _client(key: str, host: str, historical: bool) -> Client:
    # in v1 it would try again by itself, and sleep meanwhile (posthog/capture_v1.py)
    made = Client(
        key, host=host, sync_mode=True, historical_migration=historical, capture_mode="v0"
    )
    # it raises then; were the constructor given it, it would log whole events, too
    made.debug = True
    return made


def _check(answer: requests.Response) -> None:
    """Return if the answer says that the event was taken.

    Over the quota PostHog answers 200 all the same, and drops what it is sent (PostHog/posthog
    rust/capture/src/api.rs, CaptureResponse).
    """
    if answer.status_code in {401, 403}:  # invalid_api_key (posthog.com/docs/api/capture)
        refused = f"PostHog refuses POSTHOG_PROJECT_KEY ({answer.status_code})"
        raise Blocked(refused, wait=_KEY_REFUSED)
    if answer.status_code // 100 != 2:
        raise Permanent(f"PostHog answered {answer.status_code}")
    try:
        said = answer.json()
    except ValueError:
        said = None
    if not isinstance(said, dict) or said.get("status") not in (1, "Ok"):
        raise Transient("PostHog answered 200 without saying that it took it", unknown=True)
    if said.get("quota_limited"):
        raise Blocked("PostHog takes no more: the quota is used up", wait=_OVER_QUOTA)
