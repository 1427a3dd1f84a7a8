"""Whether the console's settings let in who should and nobody else: at its start, for doctor."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from pydantic import SecretStr

from console.passwords import BadHashError, parts
from settings import settings
from worker.checks import Finding

_SHORTEST = 32  # characters of the secret
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}  # it answers to no other name where no URL is set


def findings() -> Iterator[Finding]:
    """Yield whether the console would open, and whether others on the network could read."""
    shape = settings().console
    if not (shape.console_users or shape.console_trusted_header):
        yield Finding("off", "console: nobody may enter", "tallyman console-password, if you want")
        return
    if words := unfit():
        yield Finding("fail", "the console is closed", words)
    else:
        yield Finding("ok", "console: its settings are sound")
    url = urlsplit(shape.console_url)
    if url.scheme == "http" and url.hostname not in _LOOPBACK:
        what = f"console: passwords go over the network to {shape.console_url} as they are"
        yield Finding("warn", what, "put a proxy with TLS before it, and set CONSOLE_URL=https://")


def unfit() -> str:
    """Return what is to be done where anybody could enter, or nobody; '' where all is well."""
    return next(_wrong(), "")


def _wrong() -> Iterator[str]:
    shape = settings().console
    if len(shape.console_secret.get_secret_value()) < _SHORTEST:
        yield "CONSOLE_SECRET is to be 32 characters or more: openssl rand -hex 32"
    if shape.console_trusted_header and not shape.console_trusted_proxies:
        yield "CONSOLE_TRUSTED_HEADER needs CONSOLE_TRUSTED_PROXIES: who may send it"
    if any(network.prefixlen == 0 for network in shape.console_trusted_proxies):
        yield "CONSOLE_TRUSTED_PROXIES would let anybody say who he is: name the proxy's address"
    if not shape.console_users and not shape.console_trusted_header:
        yield "CONSOLE_USERS is empty: `tallyman console-password` prints what it takes"
    yield from _bad_hashes(shape.console_users)


def _bad_hashes(users: Mapping[str, SecretStr]) -> Iterator[str]:
    for number, kept in enumerate(users.values(), start=1):
        try:
            parts(kept.get_secret_value())
        except BadHashError as error:
            yield f"CONSOLE_USERS has a wrong hash for user {number}: {error}"
