"""What is secret and has to be kept: encrypted with the first of ENCRYPTION_KEYS.

Each token is sealed together with whose it is, so that one that was put into another's row opens
nothing there. Without the right key all of this raises Locked: nothing is kept in the open.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from typing import Literal

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from integrations.oauth.interface import Locked
from settings import settings

Kind = Literal["access", "refresh"]


@dataclass(frozen=True, slots=True)
class Place:
    """Whose token it is, and which."""

    service: str
    account: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class _Keys:
    """The keys, and what each is called: nothing of a key can be told from its id."""

    ring: MultiFernet
    ids: tuple[str, ...]


@cache
def _made(given: tuple[SecretStr, ...]) -> _Keys:
    """Return the keys. Raises Locked if one is none."""
    keys = [secret.get_secret_value().encode() for secret in given]
    if not keys:
        raise Locked("no key is set")
    try:
        ring = MultiFernet([Fernet(key) for key in keys])
    except ValueError:
        raise Locked("one of the keys is none: each is 32 bytes, in URL-safe Base64") from None
    return _Keys(ring, tuple(hashlib.sha256(key).hexdigest()[:8] for key in keys))


def _keys() -> _Keys:
    return _made(settings().oauth.encryption_keys)


def key_ids() -> tuple[str, ...]:
    """Return what the keys are called, that which encrypts first. Raises Locked."""
    return _keys().ids


def key_id() -> str:
    """Return what the key is called that encrypts. Raises Locked."""
    return key_ids()[0]


def seal(place: Place, token: str) -> str:
    """Return the token, encrypted. Raises Locked."""
    content = json.dumps(asdict(place) | {"token": token}).encode()
    return _keys().ring.encrypt(content).decode()


def opened(place: Place, sealed: str) -> str:
    """Return the token that is sealed for this place. Raises Locked, of which nothing is told."""
    try:
        content = json.loads(_keys().ring.decrypt(sealed.encode()))
    except InvalidToken:
        raise Locked(f"{place.service}'s tokens are encrypted with none of the keys") from None
    token = content.pop("token")
    if content != asdict(place):
        raise Locked(f"a token of another place stands in {place.service}'s row")
    return str(token)
