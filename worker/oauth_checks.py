"""What concerns connections to accounts of others: for `tallyman doctor`."""

from collections.abc import Iterator
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from integrations.oauth import rotation, vault
from integrations.oauth.interface import Locked, safe
from integrations.oauth.links import SHORTEST_KEY
from integrations.oauth.providers import BadProvidersError, providers
from settings import settings
from telemetry import describe
from worker import oauth
from worker.checks import Finding, verdict

_NEW_KEY = "tallyman oauth new-key makes one"


def findings() -> Iterator[Finding]:
    """Yield what is wrong with keys and connections; nothing of what a store knows that is away."""
    try:
        known = oauth.known()
    except BadProvidersError as error:
        yield Finding("fail", describe(error), "mend it")
        return
    yield from _broken()
    sealed: dict[str, int] = {}
    with suppress(SQLAlchemyError):
        sealed = rotation.key_ids()
    if not (known or sealed):
        yield Finding("off", "oauth: no provider is set up")
        return
    yield Finding("ok", f"oauth: {', '.join(known) or 'no provider'} set up")
    yield from (*_keys(sealed), *_start(), *_addresses(known), *_stripe())
    with suppress(SQLAlchemyError):
        yield from _connections()


def _broken() -> Iterator[Finding]:
    """Yield which providers cannot say by what they know us, or where they are."""
    for name, provider in providers().items():
        if (error := provider.fault()) is not None:
            what = f"oauth: {name} cannot be used: {describe(error)}"
            yield Finding("fail", what, "mend it: it is off until then")


def _keys(sealed: dict[str, int]) -> Iterator[Finding]:
    """Yield whether what is encrypted can be read, and with which key it is."""
    try:
        first, *others = vault.key_ids()
    except Locked as locked:
        yield Finding("fail", f"oauth: {locked}", f"set it: nobody can connect; {_NEW_KEY}")
        return
    lost = sum(count for id, count in sealed.items() if id not in {first, *others})
    old = sum(count for id, count in sealed.items() if id in others)
    yield verdict(
        not lost,
        f"oauth: {lost} connection(s) are encrypted with none of ENCRYPTION_KEYS",
        "put the key back, behind the others: else these accounts must be connected again",
        "fail",
    )
    yield verdict(
        not old,
        f"oauth: {old} connection(s) wait for the new key",
        "run: tallyman oauth rotate-keys",
    )


def _start() -> Iterator[Finding]:
    """Yield whether anybody can connect an account."""
    shape = settings().oauth
    long = len(shape.oauth_link_key.get_secret_value()) >= SHORTEST_KEY
    yield verdict(long, "oauth: links can be signed", f"set OAUTH_LINK_KEY; {_NEW_KEY}")
    there = shape.oauth_public_url.startswith("http")
    yield verdict(there, "oauth: providers know the way back", "set OAUTH_PUBLIC_URL")


def _addresses(known: list[str]) -> Iterator[Finding]:
    """Yield which providers would be told our secrets in the clear."""
    for name in known:
        at = providers()[name].endpoints()
        if not all(map(safe, (at.authorize, at.token, at.revoke or at.token))):
            what = f"oauth: an address of {name} is neither https:// nor on this machine"
            yield Finding("fail", what, "mend it: nobody can connect, and nothing is renewed")


def _stripe() -> Iterator[Finding]:
    """Yield whether Stripe gives tokens for our key: docs.stripe.com/connect/oauth-reference."""
    shape = settings().stripe
    secret = shape.stripe_api_key.get_secret_value().startswith("sk_")
    if shape.stripe_client_id and not secret:
        what = "stripe: accounts are connected with a secret key, and STRIPE_API_KEY is none"
        yield Finding("warn", what, "set STRIPE_API_KEY to one that begins with sk_")


def _connections() -> Iterator[Finding]:
    """Yield which connections end soon, or did."""
    for row in oauth.standings():
        what = f"{row.service}: {row.connections} connection(s) {row.status}"
        if row.status == "exhausted":
            yield Finding("warn", what, "have them connected again: tallyman oauth list")
        elif row.status == "expiring":
            yield Finding("warn", what, "see why they are not renewed: tallyman oauth list")
