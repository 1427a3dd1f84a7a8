"""The accounts of others that are connected; of their tokens only until when they are good."""

from flask import Blueprint, Response, request

from console.page import Page
from console.rendering import Link, render
from worker import oauth

_AT_ONCE = 500

blueprint = Blueprint("connections", __name__)
PAGE = Page(blueprint, (Link("/connections", "Connections", "c"),))


@blueprint.get("/connections")
def show() -> Response:
    """Show the connections, and how renewing their tokens went."""
    service = request.args.get("service", "")
    found = oauth.listed(service or None, _AT_ONCE + 1)
    known = sorted({row.service for row in found} | set(oauth.known()))
    chosen = service if service in known else ""
    values = {"services": known, "service": chosen, "more": len(found) > _AT_ONCE}
    return render("connections.html", connections=found[:_AT_ONCE], **values)
