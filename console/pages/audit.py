"""The audit log: who did what here, and who looked at personal values."""

from flask import Blueprint, Response, request

from console.page import Page
from console.rendering import Link, render
from worker import actions

_AT_ONCE = 100
_DIGITS = 18  # that fit into Postgres's bigint

blueprint = Blueprint("audit", __name__)
PAGE = Page(blueprint, (Link("/audit", "Audit log", "l"),))


@blueprint.get("/audit")
def show() -> Response:
    """Show the latest actions, newest first; `before` is the id of the last that was shown."""
    before = request.args.get("before", "")
    sound = before.isdecimal() and len(before) <= _DIGITS
    found = actions.latest(_AT_ONCE + 1, int(before) if sound else None)
    older = found[_AT_ONCE - 1].id if len(found) > _AT_ONCE else None
    return render("audit.html", actions=found[:_AT_ONCE], older=older)
