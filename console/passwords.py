"""Passwords of the console's users: what is kept of one, and whether one is right.

What is kept is `scrypt.<log2 N>.<r>.<p>.<salt>.<key>`: none of these characters means anything to a
shell, to an env file or to Docker Compose, which would read the usual `$` as variables.
"""

import base64
import hmac
import secrets
from hashlib import scrypt

_LOG_N, _R, _P = 15, 8, 3  # OWASP's Password Storage Cheat Sheet, for 32 MB each
_MEMORY = 256 * 1024 * 1024
_SALT, _KEY = 16, 32  # bytes


def hashed(password: str, log_n: int = _LOG_N, p: int = _P) -> str:
    """Return what CONSOLE_USERS keeps of a password."""
    salt = secrets.token_bytes(_SALT)
    key = _key(password, salt, log_n, _R, p)
    return f"scrypt.{log_n}.{_R}.{p}.{_text(salt)}.{_text(key)}"


def right(password: str, kept: str) -> bool:
    """Return whether the password is the one of which that is kept. Raises BadHashError."""
    log_n, r, p, salt, key = parts(kept)
    return hmac.compare_digest(_key(password, salt, log_n, r, p), key)


class BadHashError(ValueError):
    """What is kept of a password is none of our hashes."""


def parts(kept: str) -> tuple[int, int, int, bytes, bytes]:
    """Return log2 N, r, p, salt and key. Raises BadHashError."""
    try:
        name, log_n, r, p, salt, key = kept.split(".")
        found = int(log_n), int(r), int(p), _bytes(salt), _bytes(key)
    except ValueError:
        raise BadHashError("it is not what `tallyman console-password` prints") from None
    if name != "scrypt" or found[0] not in range(14, 19) or len(found[4]) != _KEY:
        raise BadHashError("it is not what `tallyman console-password` prints")
    return found


def _key(password: str, salt: bytes, log_n: int, r: int, p: int) -> bytes:
    secret = password.encode(errors="surrogatepass")
    return scrypt(secret, salt=salt, n=2**log_n, r=r, p=p, maxmem=_MEMORY, dklen=_KEY)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


NOBODY = hashed("")
"""What a password is compared with where no user has that name: it takes as long."""
