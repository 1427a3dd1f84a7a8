"""The console's application: who may enter, the pages, and what is said when a store is away."""

from http import HTTPStatus as Status

from flask import Flask, Response
from redis.exceptions import RedisError
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError  # noqa: A004  its name
from werkzeug.exceptions import HTTPException

import telemetry
from console import checks, closed, guard, hurry, login, probes, rendering
from console.pages import PAGES
from console.rendering import render
from settings import settings
from telemetry import describe, log

_log = log(__name__)
_LARGEST = 65536  # bytes of a form


def create_app() -> Flask:
    """Return the WSGI application of one process: a closed one until its settings are sound."""
    telemetry.configure()
    if words := checks.unfit():
        _log.error("console.closed", reason=words)
        return closed.application(words)
    app = Flask("console")
    _configure(app)
    hurry.add_to(app)
    guard.add_to(app)
    rendering.add_to(app, [link for page in PAGES for link in page.links])
    probes.add_to(app)
    app.register_blueprint(login.blueprint)
    for page in PAGES:
        app.register_blueprint(page.blueprint)
    app.register_error_handler(HTTPException, _refused)
    for error in (OperationalError, InterfaceError, TimeoutError, RedisError):
        app.register_error_handler(error, _away)
    return app


def _configure(app: Flask) -> None:
    shape = settings().console
    secure = shape.console_url.startswith("https://")
    app.secret_key = shape.console_secret.get_secret_value()
    app.config.update(
        MAX_CONTENT_LENGTH=_LARGEST,
        SESSION_COOKIE_NAME="__Host-tallyman" if secure else "tallyman-console",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_PATH="/",
    )


def _refused(error: HTTPException) -> Response:
    """Say in a page what was wrong with a request; of the request nothing is on it."""
    status = Status(error.code or 500)
    page = render("refused_request.html", status=status.value, title=_TITLES.get(status, ""))
    page.status_code = status
    return page


_TITLES = {
    Status.NOT_FOUND: "There is no such page, or no such thing",
    Status.FORBIDDEN: "This did not come from a page of this session. Reload, and try again",
    Status.MISDIRECTED_REQUEST: "The console is not known by this name: CONSOLE_URL says which",
    Status.INTERNAL_SERVER_ERROR: "The console failed; its log says why",
}


def _away(error: Exception) -> Response:
    if page := hurry.too_slow(error):
        return page
    store = "Redis" if isinstance(error, RedisError) else "Postgres"
    _log.error("console.store_away", store=store, error=describe(error))
    page = render("away.html", store=store, error=describe(error))
    page.status_code = Status.SERVICE_UNAVAILABLE
    return page
