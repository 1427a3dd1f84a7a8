"""Signatures that are almost right: made from sound ones, each wrong in one way."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from proof.hostile.answers import Try
from proof.hostile.signing import SHARED, SIGNATURES, is_shared, signed, with_key
from proof.hostile.wire import request

OFF = 400.0  # seconds: beyond the five minutes
_OWN = "whsec_" + "00" * 16  # the forger's
Headers = Mapping[str, str]
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Sound:
    """A delivery as it should be, of which only forgeries are sent. `at`: service[/endpoint]."""

    at: str
    secret: str
    body: bytes

    @property
    def header(self) -> str:
        """Return the name of the header that holds the signature."""
        return SIGNATURES[self.at.partition("/")[0]]

    def signed(
        self, *, secret: str | None = None, body: bytes | None = None, age: float = 0
    ) -> Headers:
        """Return the headers, of another secret, body or time if those are given."""
        of = self.body if body is None else body
        return signed(self.at, secret or self.secret, of, age=age)

    def forgery(self, attack: str, headers: Headers | Pairs, body: bytes | None = None) -> Try:
        """Return the try to get in with these headers."""
        sent = request(f"/webhooks/{self.at}", headers, self.body if body is None else body)
        return Try(f"forged: {attack}", sent)


def forgeries(sound: Sound, others: Sequence[str]) -> Iterator[Try]:
    """Yield every forgery. `others` are secrets that are in use, but not there."""
    if is_shared(sound.at, sound.secret):
        yield from _of_a_shared_secret(sound, others)
        return
    yield from _of_other_secrets(sound, others)
    yield from _of_other_times(sound)
    yield from _of_other_bodies(sound)
    yield from _spoilt(sound)
    yield from _without_parts(sound)
    yield from _of_bytes(sound)


def _of_other_secrets(sound: Sound, others: Sequence[str]) -> Iterator[Try]:
    for secret in others:
        yield sound.forgery("another's secret", sound.signed(secret=secret))
    yield sound.forgery("no secret", _with_key(sound, b""))
    yield sound.forgery("the secret's prefix", _with_key(sound, b"whsec_"))


def _with_key(sound: Sound, key: bytes) -> Headers:
    """Return headers signed with any key: what a check without a secret would take."""
    return with_key(sound.at.partition("/")[0], key, sound.body)


def _of_other_times(sound: Sound) -> Iterator[Try]:
    now, old = sound.signed(), sound.signed(age=OFF)
    yield sound.forgery("replayed old", old)
    yield sound.forgery("from the future", sound.signed(age=-OFF))
    if sound.header == "stripe-signature":
        stamp, past = now[sound.header].split(",")[0], old[sound.header]
        for doubled in (f"{stamp},{past}", f"{past},{stamp}"):
            yield sound.forgery("doubled timestamp", {sound.header: doubled})
    else:
        own = sound.header.partition("-")[0]
        other = "svix" if own == "webhook" else "webhook"
        fresh = {f"{own}-timestamp": now[f"{own}-timestamp"]}
        yield sound.forgery("new timestamp", {**old, **fresh})
        yield sound.forgery("doubled timestamp", [*fresh.items(), *old.items()])
        family = {name.replace(f"{own}-", f"{other}-"): value for name, value in old.items()}
        yield sound.forgery("two families", {**family, **fresh})


def _of_other_bodies(sound: Sound) -> Iterator[Try]:
    headers = sound.signed()
    for at in range(0, len(sound.body), 7):
        changed = sound.body[:at] + bytes([sound.body[at] ^ 1]) + sound.body[at + 1 :]
        yield sound.forgery("one byte of the body", headers, changed)
    for body in (b"", sound.body + b" ", sound.body * 2, sound.body[:-1], b"\0" + sound.body):
        yield sound.forgery("another body", headers, body)


def _spoilt(sound: Sound) -> Iterator[Try]:
    headers = sound.signed()
    for name in [name for name in headers if name != "content-type"]:
        value = headers[name]
        for at in range(len(value)):
            for bit in (1, 32):
                other = value[:at] + chr(ord(value[at]) ^ bit) + value[at + 1 :]
                if not _means_the_same(sound, value, other):
                    yield sound.forgery("one byte of a header", {**headers, name: other})


def _means_the_same(sound: Sound, value: str, other: str) -> bool:
    """Return whether two headers hold one signature: base64 ends at its padding."""
    try:
        one, two = (base64.b64decode(v.partition("v1,")[2]) for v in (value, other))
    except ValueError:
        return False
    return sound.header != "stripe-signature" and bool(one) and one == two


def _without_parts(sound: Sound) -> Iterator[Try]:
    headers = sound.signed()
    value = headers[sound.header]
    tail = value[-40:]
    for length in range(0, len(value), 5):
        yield sound.forgery("cut off", {**headers, sound.header: value[:length]})
    for other in (
        *(value.replace(tail, tail[::-1]), value.replace("v1", "v0"), value.replace("v1", "v1a")),
        *(value.replace(tail, ""), value.replace(tail, tail * 50), "v1", ",", "=", "t=,v1=", "v1,"),
        *("\xff" * 60, "t=1e9,v1=" + tail, f"t=nan,v1={tail}", value.upper(), "Bearer " + value),
    ):
        if not _means_the_same(sound, value, other):
            yield sound.forgery("rewritten", {**headers, sound.header: other})
    yield sound.forgery("none", {})
    yield sound.forgery("twice a wrong one", [(sound.header, "t=1,v1=x"), (sound.header, "v1,x")])
    debug = {"X-Debug": "true", "X-Webhook-Secret": _OWN, "Stripe-Signature-Secret": _OWN}
    yield sound.forgery("debug headers", {**sound.signed(secret=_OWN), **debug})


def _of_a_shared_secret(sound: Sound, others: Sequence[str]) -> Iterator[Try]:
    """Yield what is almost the secret; it covers neither time nor body, so these are not forged."""
    secret = sound.secret
    almost = {secret[:length] for length in range(len(secret))} | {secret[1:], secret * 2}
    almost |= {secret.swapcase(), secret[::-1], f"{secret},{secret}", f"whsec_{secret}", "whsec_"}
    for value in sorted({*almost, *others, _OWN, "\xff" * 32, "\0"} - {secret}):
        yield sound.forgery("almost the secret", {SHARED: value})
        yield sound.forgery("almost the secret", {"Authorization": f"Bearer {value}"})
    yield sound.forgery("another header", {"X-Webhook-Signature": secret, "X-Secret": secret})
    yield sound.forgery("signed with the secret", _with_key(sound, secret.encode()))
    yield from _of_other_secrets(sound, others)
    yield sound.forgery("none", {})


def _of_bytes(sound: Sound) -> Iterator[Try]:
    for value in ("\0", "\x7f", "\t", "\xa0", "\xb2", "\ud7ff", "v1,\xe9\xe9"):
        yield sound.forgery("odd bytes", {**sound.signed(), sound.header: value})
