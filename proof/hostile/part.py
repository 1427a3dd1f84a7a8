"""Hostile input as a part of the proof: a whole system runs behind the door."""

import secrets
from collections.abc import Iterator, Mapping, Sequence

from integrations import INTEGRATIONS
from proof.context import Context
from proof.hostile.door import Door, taken_from
from proof.hostile.run import prove
from proof.report import Part
from proof.stack import Stack, stack


def parts(context: Context, _services: Sequence[str]) -> Iterator[Part]:
    """Yield the one part."""
    with stack(more={"HANDLERS": "", **second()}) as running:
        yield prove(context, door(running))


def second() -> dict[str, str]:
    """Return the secrets of second endpoints; that of PostHog is sent along, nothing is signed."""
    return {
        "STRIPE_WEBHOOK_SECRETS__CONNECT": f"whsec_{secrets.token_hex(16)}",
        "POSTHOG_WEBHOOK_SECRETS__SHARED": secrets.token_hex(16),
    }


def signers(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the secret of each address, of what is set."""
    found = {name: variables[f"{name.upper()}_WEBHOOK_SECRETS"] for name in INTEGRATIONS}
    found["stripe/connect"] = variables["STRIPE_WEBHOOK_SECRETS__CONNECT"]
    found["posthog/shared"] = variables["POSTHOG_WEBHOOK_SECRETS__SHARED"]
    return found


def door(running: Stack) -> Door:
    """Return what attackers are given of a running system."""
    variables = running.variables
    taken = taken_from(variables["DATABASE_URL"], variables["REDIS_URL"])
    pids = lambda: [p.pid for p in running.family("web")]  # noqa: E731  of what runs by then
    return Door(running.system.receiver, signers(variables), pids, taken)
