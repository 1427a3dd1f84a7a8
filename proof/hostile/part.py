"""Hostile input as a part of the proof: a whole system runs behind the door."""

import secrets
from collections.abc import Iterator, Sequence

from integrations import INTEGRATIONS
from proof.context import Context
from proof.hostile.door import Door, taken_from
from proof.hostile.run import prove
from proof.report import Part
from proof.stack import Stack, stack


def parts(context: Context, _services: Sequence[str]) -> Iterator[Part]:
    """Yield the one part."""
    second = {"STRIPE_WEBHOOK_SECRETS__CONNECT": f"whsec_{secrets.token_hex(16)}"}
    with stack(more={"HANDLERS": "", **second}) as running:
        yield prove(context, door(running))


def door(running: Stack) -> Door:
    """Return what attackers are given of a running system."""
    variables = running.variables
    signed = {name: variables[f"{name.upper()}_WEBHOOK_SECRETS"] for name in INTEGRATIONS}
    signed["stripe/connect"] = variables["STRIPE_WEBHOOK_SECRETS__CONNECT"]
    taken = taken_from(variables["DATABASE_URL"], variables["REDIS_URL"])
    return Door(
        running.system.receiver, signed, lambda: [p.pid for p in running.family("web")], taken
    )
