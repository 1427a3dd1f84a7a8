"""Ten nights, and what an operator ought to learn of each: written down before they were played.

Five are broken, and somebody must be told, once each and of the end too. Five are only slow, quiet
or mended by themselves, and nobody is to be woken, though three of them look bad for a while.
"""

from typing import NamedTuple


class Label(NamedTuple):
    """What is right: the worst `state` of the `service`, the reason for it, and the alerts."""

    night: str
    broken: bool
    service: str
    state: str
    reason: str | None
    alerts: int


LABELS = (
    Label("stripe_api_is_down_for_ten_minutes", True, "stripe", "failing", "breaker_open", 1),
    Label("a_type_of_event_is_poison", True, "stripe", "failing", "dead_letters", 1),
    Label("clerk_sends_nothing_any_more", True, "clerk", "silent", "silence", 1),
    Label("a_secret_was_rotated", True, "stripe", "failing", "refused_signatures", 1),
    Label("deliveries_are_not_taken_up", True, "stripe", "failing", "waiting_old", 1),
    Label("stripe_api_is_down_for_a_minute", False, "stripe", "degraded", "breaker_open", 0),
    Label("stripe_throttles_for_half_an_hour", False, "stripe", "degraded", "limiter_pressed", 0),
    Label(
        "a_handler_fails_and_the_retries_mend_it", False, "stripe", "degraded", "failure_rate", 0
    ),
    Label("a_burst_takes_four_minutes", False, "stripe", "degraded", "waiting_old", 0),
    Label("a_source_that_is_quiet_every_night", False, "clerk", "healthy", None, 0),
)
