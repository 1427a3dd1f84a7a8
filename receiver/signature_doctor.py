"""Why a signature did not verify, as far as the request itself tells, in a word and a number.

The receiver keeps no body of what it refuses, so this is asked while the body is at hand: only of a
few requests a second, and of small bodies, so that a flood of refused requests costs no more than
it did. A finding names what *would* verify; what was sent, and any secret, is in none of them.
"""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hmac import compare_digest
from itertools import islice

from flask import Request

from integrations import INTEGRATIONS
from integrations.interface import Integration
from receiver.rewritings import reencoded, trimmed

PER_SECOND = 3
_LARGEST = 131_072  # bytes of a body: hashing that takes less than a millisecond
_MOST_SECRETS = 8  # of this endpoint, and of all others, that are tried

Secrets = Mapping[tuple[str, str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong: a word; of what (an endpoint of ours, `stripe/connect`); how many seconds."""

    word: str = ""
    of: str = ""
    number: int = 0


class Doctor:
    """Examines so many requests a second, and no more."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._second, self._asked = 0, 0

    def finding(self, refused: "Refused") -> Finding:
        """Return what was found, nothing where nothing was, or there was no time to look."""
        hashes = refused.reason != "missing_header"  # what a scanner sends spends nothing
        if hashes and (len(refused.body) > _LARGEST or self._too_many()):
            return Finding()
        return next(iter(_found(refused, self._secrets)), Finding())

    def _too_many(self) -> bool:
        now = int(time.monotonic())
        self._second, self._asked = now, (self._asked + 1 if now == self._second else 1)
        return self._asked > PER_SECOND


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that was refused, as it came in."""

    service: Integration
    endpoint: str
    reason: str
    body: bytes
    headers: Mapping[str, str]
    """All of them, in lower case."""


def refused(
    service: Integration, endpoint: str, reason: str, body: bytes, request: Request
) -> Refused:
    """Return a refused request."""
    headers = {name.lower(): value for name, value in request.headers}
    return Refused(service, endpoint, reason, body, headers)


def _found(asked: Refused, secrets: Secrets) -> Iterator[Finding]:
    """Yield what explains the refusal, the surest first."""
    own = [*secrets.get((asked.service.name, asked.endpoint), ())][:_MOST_SECRETS]
    yield from _of_clock(asked, own)
    yield from _of_another(asked, secrets)
    yield from _of_family(asked)
    if asked.reason == "signature_mismatch":
        yield from _of_secret(asked, own)
        yield from _of_body(asked, own)
    yield from _of_nothing(asked)


def _signed(asked: Refused, secret: str, body: bytes | None = None, by: str = "") -> bool:
    """Return whether that secret signed the request, or another body of it, at whatever time."""
    service = INTEGRATIONS.get(by, asked.service)
    id = next((asked.headers[name] for name in _IDS if name in asked.headers), "")
    given = asked.body if body is None else body
    try:
        made = service.sign(given, secret, _stamp(asked.headers) or 0, id)
    except Exception:  # noqa: BLE001  whatever a library says about it, it signed nothing
        return False
    return any(_has(asked.headers, value) for name, value in made.items() if "signature" in name)


def _has(headers: Mapping[str, str], signature: str) -> bool:
    """Return whether one of the signatures that came is that one: there may be several."""
    came = {part for name in _SIGNATURES for part in re.split("[ ,]", headers.get(name, ""))}
    hashed = max(re.split("[ ,]", signature), key=len)
    return any(compare_digest(hashed.encode(), part.encode()) for part in came)


def _of_clock(asked: Refused, own: Sequence[str]) -> Iterator[Finding]:
    """Yield by how many seconds the sender's clock, or ours, is wrong: behind us is positive."""
    stamp = _stamp(asked.headers)
    if not asked.reason.startswith("timestamp_") or stamp is None:
        return
    seconds = int(time.time() - stamp)
    if any(_signed(asked, secret) for secret in own):
        yield Finding("clock", number=seconds)


_IDS = ("svix-id", "webhook-id")
_SIGNATURES = ("stripe-signature", "svix-signature", "webhook-signature")
_STRIPE_STAMP = re.compile(r"(?:^|,)t=(\d{1,12})(?:,|$)")


def _stamp(headers: Mapping[str, str]) -> int | None:
    found = _STRIPE_STAMP.search(headers.get("stripe-signature", ""))
    values = (headers.get(f"{family}-timestamp", "") for family in ("webhook", "svix"))
    told = found[1] if found else next(filter(None, values), "")
    return int(told) if told.isascii() and told.isdecimal() and len(told) <= 12 else None


def _of_another(asked: Refused, secrets: Secrets) -> Iterator[Finding]:
    """Yield the endpoint whose secret signed this: it was sent to the wrong one of ours."""
    here = (asked.service.name, asked.endpoint)
    each = [(key, one) for key, all_of_it in secrets.items() if key != here for one in all_of_it]
    each.sort(key=lambda other: other[0][0] != asked.service.name)
    for (name, endpoint), secret in islice(each, _MOST_SECRETS):
        if name in INTEGRATIONS and _signed(asked, secret, by=name):
            yield Finding("other_secret", f"{name}/{endpoint}" if endpoint else name)


def _of_nothing(asked: Refused) -> Iterator[Finding]:
    """Yield how wrong the time is of what nothing we know has signed."""
    if asked.reason.startswith("timestamp_") and (stamp := _stamp(asked.headers)) is not None:
        yield Finding("old_and_unsigned", number=int(time.time() - stamp))


_FAMILIES = {
    "stripe-signature": "stripe",
    "svix-signature": "svix",
    "webhook-signature": "standard-webhooks",
    "x-hub-signature-256": "github",
    "x-slack-signature": "slack",
}


def _of_family(asked: Refused) -> Iterator[Finding]:
    """Yield the kind of signature that came, where it is none that this service sends."""
    if asked.reason != "missing_header":
        return
    wanted = set(asked.service.headers)
    came = [family for name, family in _FAMILIES.items() if name in asked.headers.keys() - wanted]
    if came:
        yield Finding("wrong_family", came[0])
    elif not wanted & asked.headers.keys():
        yield Finding("unsigned")


def _of_secret(asked: Refused, own: Sequence[str]) -> Iterator[Finding]:
    """Yield whether the secret here is the right one, with something around it."""
    mended = {one.strip("'\" ") for one in own} | {one.removeprefix("whsec_") for one in own}
    mended |= {f"whsec_{one}" for one in own}
    if any(_signed(asked, secret) for secret in mended - {"", *own}):
        yield Finding("secret_mistyped")


def _of_body(asked: Refused, own: Sequence[str]) -> Iterator[Finding]:
    """Yield whether another way to write the same body was signed: somebody rewrote it."""
    for word, rewritten in _rewritten(asked.body):
        if rewritten != asked.body and any(_signed(asked, one, rewritten) for one in own):
            yield Finding(word)
            return
    if "content-encoding" in asked.headers:
        yield Finding("body_compressed")


def _rewritten(body: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the body as it may have been before somebody touched it."""
    yield from (("body_trimmed", written) for written in trimmed(body))
    yield from (("body_reencoded", written) for written in reencoded(body))
