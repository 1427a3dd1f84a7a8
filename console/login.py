"""The login page, and what slows down who tries passwords."""

import threading
import time
from collections import defaultdict, deque

from flask import Blueprint, Response, make_response, redirect, request, session, url_for

from console import audit, who
from console.passwords import NOBODY, right
from console.rendering import render
from settings import settings
from telemetry import log

_OFTEN, _WITHIN = 5, 300  # failures of an address, and the seconds in which they count
_LONGEST = 1000  # characters of a password
_MOST = 10_000  # addresses that are remembered

blueprint = Blueprint("login", __name__)
_log = log(__name__)
_one = threading.Lock()  # a hash takes 32 MB, and a core for a while
_failed: defaultdict[str, deque[float]] = defaultdict(deque)


@blueprint.get("/login")
def show() -> Response:
    """Show the form."""
    return _form("")


@blueprint.post("/login")
def enter() -> Response:
    """Sign in, and go where one wanted to be."""
    name, password = request.form.get("user", "")[:100], request.form.get("password", "")
    if wait := _wait(who.address()):
        answer = _form(f"Too many tries. Wait {wait} seconds.", 429)
        answer.headers["Retry-After"] = str(wait)
        return answer
    if not _right(name, password):
        _failed[who.address()].append(time.monotonic())
        _log.warning("console.login_failed", address=who.address())
        audit.note("login failed", by=name if _known(name) else "nobody")  # else: a password, maybe
        return _form("That is not the name and password of a user.", 401)
    audit.note("login", by=name)  # first: who cannot be kept does not get in
    who.begin(name)
    return make_response(redirect(who.inside(request.form.get("next", "")), 303))


@blueprint.post("/logout")
def leave() -> Response:
    """End the session."""
    name = who.user()
    session.clear()  # first: who wants to leave does, whatever is away
    audit.note("logout", by=name)
    return make_response(redirect(url_for("login.show"), 303))


def _form(wrong: str, status: int = 200) -> Response:
    wanted = who.inside(request.values.get("next", ""))
    answer = render("login.html", wrong=wrong, next=wanted)
    answer.status_code = status
    return answer


def _known(name: str) -> bool:
    return name in settings().console.console_users


def _right(name: str, password: str) -> bool:
    kept = settings().console.console_users.get(name)
    with _one:
        found = right(password[:_LONGEST], kept.get_secret_value() if kept else NOBODY)
    return found and kept is not None


def _wait(address: str) -> int:
    """Return for how many seconds an address may not try again."""
    if len(_failed) > _MOST:  # who has that many addresses is slowed down by the hash alone
        _failed.clear()
    tries, now = _failed[address], time.monotonic()
    while tries and tries[0] < now - _WITHIN:
        tries.popleft()
    return int(tries[0] + _WITHIN - now) + 1 if len(tries) >= _OFTEN else 0
