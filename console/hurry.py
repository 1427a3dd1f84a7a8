"""Pages give up soon: who looks has others to look at, and a page is asked for again and again."""

from http import HTTPStatus as Status

from flask import Flask, Response, request

from console.rendering import render
from worker import patience

MOST = 5000  # milliseconds that one statement of a page may take


def add_to(app: Flask) -> None:
    """Limit the statements of pages; what a form asks for has the time of everybody."""
    app.before_request(_limit)
    app.teardown_request(_forget)


def _limit() -> None:
    patience.limit(MOST if request.method in {"GET", "HEAD"} else None)


def _forget(_error: BaseException | None) -> None:
    patience.limit(None)


def too_slow(error: Exception) -> Response | None:
    """Return the page that says so, where a statement was given up; None where it is not that."""
    if not patience.given_up(error):
        return None
    title = f"Postgres took over {MOST // 1000} s for this. Ask for less: one service, or a status"
    page = render("refused_request.html", status=Status.SERVICE_UNAVAILABLE.value, title=title)
    page.status_code = Status.SERVICE_UNAVAILABLE
    return page
