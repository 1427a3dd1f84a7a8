"""Who is asking: the user of this session, or the one whom a trusted proxy names."""

import hmac
import secrets
from hashlib import sha256
from ipaddress import ip_address
from time import time
from urllib.parse import urlencode, urlsplit

from flask import (
    Response,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)

from settings import settings


def user() -> str:
    """Return the name of who is asking, '' for nobody."""
    if "user" not in g:
        g.user = _named_by_proxy() or _of_session()
    return str(g.user)


def begin(name: str) -> None:
    """Sign a user in, in a session of its own."""
    session.clear()
    session.update(user=name, since=int(time()), of=_mark(name), csrf=secrets.token_urlsafe(32))


def csrf() -> str:
    """Return what a form of this session carries, so that no other site can send one."""
    if "csrf" not in session:
        session["csrf"] = secrets.token_urlsafe(32)
    return str(session["csrf"])


def address() -> str:
    """Return the address of who is asking, as a trusted proxy tells, or else the connection's."""
    peer = request.remote_addr or ""
    told = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return told if told and _trusted(peer) else peer


def sent_to_login() -> Response:
    """Return the way to the login page, and back to where somebody wanted to be.

    A browser that follows a link of another site leaves a strict cookie behind: a page of ours that
    goes to the same address again has it sent.
    """
    wanted = inside(request.full_path.rstrip("?")) if request.method == "GET" else "/"
    if request.headers.get("HX-Request"):  # htmx would put the login page into a part of this one
        return Response(status=401, headers={"HX-Refresh": "true"})
    if request.method == "GET" and request.headers.get("Sec-Fetch-Site") == "cross-site":
        return make_response(render_template("go_on.html", wanted=wanted))
    to = f"{url_for('login.show')}?{urlencode({'next': wanted})}"
    return make_response(redirect(to, 303))


def inside(wanted: str) -> str:
    r"""Return where somebody wanted to be if that is a page of ours, else the first page.

    Browsers take `\\` for `/`, and leave out tabs and newlines.
    """
    clean = wanted.startswith("/") and wanted.isprintable() and "\\" not in wanted
    target = urlsplit(wanted) if clean and not wanted.startswith("//") else None
    return wanted if target and not target.netloc and not target.scheme else "/"


def new_by_proxy() -> bool:
    """Return whether a proxy names somebody whose session was not told of yet, or is over."""
    name, since = _named_by_proxy(), session.get("proxied_at", 0)
    if not name:
        return False
    over = time() - since > settings().console.console_hours * 3600
    return over or session.get("proxied") != name


def begin_by_proxy() -> None:
    """Remember that the one whom the proxy names is in, for as long as a session lasts."""
    session.update(proxied=user(), proxied_at=int(time()))


def _of_session() -> str:
    name, since = str(session.get("user", "")), session.get("since", 0)
    if not name or time() - since > settings().console.console_hours * 3600:
        return ""
    return name if hmac.compare_digest(str(session.get("of", "")), _mark(name)) else ""


def _mark(name: str) -> str:
    """Return what changes with a user's password, so that a new one ends the sessions."""
    kept = settings().console.console_users.get(name)
    return sha256(kept.get_secret_value().encode()).hexdigest()[:16] if kept else "nobody"


def _named_by_proxy() -> str:
    header = settings().console.console_trusted_header
    if not header or not _trusted(request.remote_addr or ""):
        return ""
    return request.headers.get(header, "").strip()[:100]


def _trusted(peer: str) -> bool:
    try:
        found = ip_address(peer)
    except ValueError:
        return False
    return any(found in network for network in settings().console.console_trusted_proxies)
