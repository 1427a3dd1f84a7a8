"""Why a row is as it is: what wrote it, column by column, and what followed."""

from flask import Blueprint, Response, request

from console.page import Page
from console.rendering import render
from db.reading import mirrors
from worker import why

_LONGEST = 1100  # characters of an id

blueprint = Blueprint("why", __name__)
PAGE = Page(blueprint)  # an event's page leads here, row by row


@blueprint.get("/why")
def show() -> Response:
    """Show a form for a row and, where one is asked for, why it is as it is."""
    table, id, account = (
        request.args.get(name, "").strip().replace("\0", "")[:_LONGEST]
        for name in ("table", "id", "account")
    )
    found, wrong = None, ""
    try:
        found = why.row(table, id, account or None) if table and id else None
    except (why.UnknownError, why.AmbiguousError) as error:
        wrong = str(error)
    asked = {"table": table, "id": id, "account": account}
    tables = [one.name for one in mirrors()]
    page = render("why.html", asked=asked, found=found, wrong=wrong, tables=tables)
    page.status_code = 404 if wrong else 200
    return page
