"""How many calls each service takes, as it publishes it."""

from collections.abc import Mapping
from dataclasses import dataclass

from settings import settings


@dataclass(frozen=True, slots=True)
class Limit:
    """`rate` calls a second in the long run, `burst` at once; for all of a service's operations.

    Or for `each_operation` alone.
    """

    rate: float
    burst: float
    each_operation: bool = False


def _published(calls: int, seconds: float, *, each_operation: bool = False) -> Limit:
    """Return the limit under which no window of so many seconds sees more than so many calls."""
    burst = max(1, calls // 10)
    return Limit((calls - burst) / seconds, burst, each_operation)


def _at_most(rate: float) -> Limit:
    """Return the limit under which no second sees more than `rate` calls; singly they come evenly.

    The first of those that come at once is one of the even ones.
    """
    burst = max(1.0, rate / 10)
    return Limit(rate - (burst - 1), burst)


LIMITS: Mapping[str, tuple[Limit, ...]] = {
    # https://docs.stripe.com/rate-limits: 100 a second live, 25 in a sandbox, 25 an endpoint
    "stripe": (_published(100, 1), _published(25, 1, each_operation=True)),
    "stripe, testing": (_published(25, 1),),
    # https://clerk.com/docs/guides/how-clerk-works/system-limits: an instance of production,
    # one of development
    "clerk": (_published(1000, 10),),
    "clerk, testing": (_published(100, 10),),
    # https://loops.so/docs/api-reference/intro: ten a second, by team
    "loops": (_published(10, 1),),
    # https://posthog.com/docs/api/capture: "not rate limited"; this is a bound of ours
    "posthog": (_published(100, 1),),
    # https://posthog.com/docs/api: analytics 240 a minute and 1,200 an hour, the least of all
    "posthog.api": (_published(240, 60), _published(1200, 3600)),
    # https://developers.cloudflare.com/r2/platform/limits: 50 a second for what manages a
    # bucket, listing among it; a write a second for the same key; the rest has none
    "r2": (_published(50, 1, each_operation=True),),
    # https://developers.cloudflare.com/fundamentals/api/reference/limits: 1,200 in five minutes
    "cloudflare": (_published(1200, 300),),
    # the team's own: a bound of ours
    "app": (_published(50, 1),),
    # https://docs.slack.dev/apis/web-api/rate-limits: one a second, short bursts taken
    "slack": (Limit(1, 3),),
}
SERVICES = tuple(name for name in LIMITS if "," not in name)
_OTHERS = (_published(10, 1),)


def limits(service: str) -> tuple[Limit, ...]:
    """Return a service's limits: the one that CALL_LIMITS sets, else what it publishes."""
    if rate := settings().outbound.call_limits.get(service):
        return (_at_most(rate),)
    return LIMITS.get(f"{service}, testing" if _testing(service) else service, _OTHERS)


def _testing(service: str) -> bool:
    """Return whether the key is one for testing; also of a key that does not say."""
    if service == "stripe":
        return not settings().stripe.livemode
    key = settings().clerk.clerk_secret_key.get_secret_value()
    return service == "clerk" and not key.startswith("sk_live_")
