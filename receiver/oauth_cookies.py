"""What a browser knows of links and flows: a cookie for each, which no page can read."""

from typing import Literal

from flask import Response, request

from integrations.oauth import flow
from receiver.oauth_pending import PENDING_SECONDS
from settings import settings


def give(
    answer: Response, about: str, secret: str, *, comes_from: Literal["Lax", "Strict"]
) -> None:
    """Have the browser know a secret about a link or a state.

    It is told to us where another site leads here (`Lax`), or by our own pages only (`Strict`).
    """
    answer.set_cookie(
        _name(about),
        secret,
        max_age=PENDING_SECONDS,
        path=_path(),
        secure=_secure(),
        httponly=True,
        samesite=comes_from,
    )


def of(about: str) -> str:
    """Return what this browser knows about a link or a state, '' if nothing."""
    return request.cookies.get(_name(about), "")


def forget(answer: Response, about: str) -> Response:
    """Return the answer, which has the browser forget what it knew."""
    if (name := _name(about)) in request.cookies:
        answer.delete_cookie(name, _path(), secure=_secure(), httponly=True, samesite="Lax")
    return answer


def _name(about: str) -> str:
    """Return the name of a cookie, of which a browser may have several.

    `__Host-` keeps our siblings' pages from setting it; it wants the path to be `/` (RFC 6265bis).
    """
    return f"{'__Host-' if _secure() else ''}tallyman-oauth-{flow.hashed(about)[:16]}"


def _path() -> str:
    return "/" if _secure() else "/oauth/"


def _secure() -> bool:
    return settings().oauth.oauth_public_url.startswith("https://")
