"""Requests that the receiver refused, and what its signature doctor makes of them."""

from flask import Blueprint, Response, request

from console.page import Page
from console.rendering import Link, render
from integrations import INTEGRATIONS
from worker import refused

_AT_ONCE = 200

blueprint = Blueprint("refused", __name__)
PAGE = Page(blueprint, (Link("/refused", "Refused", "r"),))


@blueprint.get("/refused")
def show() -> Response:
    """Show the latest refusals, newest first, what is alike in a row together."""
    service = request.args.get("service", "")
    chosen = service if service in INTEGRATIONS else None
    found = refused.latest(_AT_ONCE, chosen)
    groups = refused.grouped(found)
    return render("refused.html", groups=groups, services=list(INTEGRATIONS), service=chosen or "")
