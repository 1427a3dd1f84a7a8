"""What every request must pass, and what every answer carries, whatever page it is for.

The order matters: a wrong Host never reaches a session, and nobody who is not signed in reaches a
page. No page can forget any of it.
"""

import hmac
from http import HTTPStatus as Status
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request, session

from console import audit, who
from settings import settings

_LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}
_OPEN = {"static", "login.show", "login.enter", "healthz"}
_OPEN_TO_ANY_HOST = {"healthz"}  # a probe knows the address only, and is told nothing


def add_to(app: Flask) -> None:
    """Have the application look at every request, and dress every answer."""
    app.before_request(_right_host)
    app.before_request(_from_our_pages)
    app.before_request(_signed_in)
    app.after_request(_dressed)


def hosts() -> set[str]:
    """Return the names that browsers may know the console by, without ports."""
    url = urlsplit(settings().console.console_url)
    return _LOOPBACK | ({_name(url.netloc)} if url.netloc else set())


def _name(host: str) -> str:
    """Return a host without its port."""
    return host.lower() if host.endswith("]") else host.lower().rpartition(":")[0] or host.lower()


def _right_host() -> None:
    """Refuse names that are not ours: a page of somebody else's may have it point here."""
    if request.endpoint in _OPEN_TO_ANY_HOST:
        return
    if _name(request.headers.get("Host", "")) not in hosts():
        abort(Status.MISDIRECTED_REQUEST)


def _from_our_pages() -> None:
    """Refuse what changes something, unless one of our own pages in this session asks for it."""
    if request.method in {"GET", "HEAD"}:
        return
    if request.method != "POST":
        abort(Status.METHOD_NOT_ALLOWED)
    if not _same_origin():
        abort(Status.FORBIDDEN)
    sent = request.headers.get("X-CSRF-Token") or request.form.get("csrf", "")
    known = session.get("csrf", "")
    if not (known and hmac.compare_digest(sent.encode(), known.encode())):
        abort(Status.FORBIDDEN)


def _same_origin() -> bool:
    """Return whether the browser says nothing else: old ones say nothing at all."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("Host", "")


def _signed_in() -> Response | None:
    if request.endpoint in _OPEN:
        return None
    if not who.user():
        return who.sent_to_login()
    if who.new_by_proxy():
        audit.note("login by proxy")
        who.begin_by_proxy()
    return None


def _dressed(answer: Response) -> Response:
    answer.headers.update(_HEADERS)
    if request.endpoint == "static" and answer.status_code == Status.OK:
        answer.headers["Cache-Control"] = "private, max-age=3600"
    else:
        answer.headers["Cache-Control"] = "no-store"
    return answer
