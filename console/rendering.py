"""Pages from templates: what all of them are given, and how they show values."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import (
    Flask,
    Response,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from jinja2 import StrictUndefined
from markupsafe import Markup

from console import who
from settings import settings


@dataclass(frozen=True, slots=True)
class Link:
    """A page in the navigation: its address, its name, and the key that leads there after `g`."""

    path: str
    title: str
    key: str = ""


def add_to(app: Flask, navigation: Sequence[Link]) -> None:
    """Have templates know how to show times, spans and counts, and where the pages are."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= {
        "ago": ago,
        "span": span,
        "stamp": stamp,
        "count": count,
        "commands": commands,
    }
    app.context_processor(lambda: {**_given(), "navigation": navigation})


def render(template: str, **values: Any) -> Response:
    """Return a page. Raises as Jinja does where the template asks for what it is not given."""
    return make_response(render_template(template, **values))


def to(page: str, **values: Any) -> Response:
    """Return the way to a page, by its endpoint, after a form was sent."""
    return make_response(redirect(url_for(page, **values), 303))


def wants_part() -> bool:
    """Return whether htmx asks, which puts only a part of the page into the one that is open."""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers


def _given() -> Mapping[str, Any]:
    found = who.user() if request.endpoint else ""
    return {
        "user": found,
        "signed_in": bool(found),
        "by_proxy": bool(found) and bool(settings().console.console_trusted_header),
        "csrf": who.csrf(),
        "here": request.path,
        "flower": settings().console.console_flower_url or _flower(),
    }


def _flower() -> str:
    """Return where Flower is for who sits at the same machine, '' for others."""
    host, port = request.host.partition(":")[0], settings().worker.flower_port
    return f"http://{host}:{port}/" if host in {"127.0.0.1", "localhost"} else ""


def ago(moment: datetime | None) -> str:
    """Return how long ago a moment was, or in how long it is to be: `4 min ago`, `in 2 h`."""
    if moment is None:
        return "never"
    seconds = (datetime.now(UTC) - moment).total_seconds()
    if abs(seconds) < 1:
        return "now"
    return f"{span(seconds)} ago" if seconds > 0 else f"in {span(-seconds)}"


_UNITS = ((86400 * 2, 86400, "d"), (7200, 3600, "h"), (120, 60, "min"))


def span(seconds: float | None) -> str:
    """Return a span in its coarsest fitting unit: `90 s`, `4 min`, `3 h`, `2 d`; '' for none."""
    if seconds is None:
        return ""
    for least, unit, name in _UNITS:
        if seconds >= least:
            return f"{int(seconds // unit)} {name}"
    return f"{int(seconds)} s"


def stamp(moment: datetime | None) -> str:
    """Return a moment to the second, in UTC; '' for none."""
    return "" if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


_COMMAND = re.compile(r"tallyman [a-z](?:[^;,).]|\.(?=\S))*")  # to the end of its clause


def commands(words: str) -> Markup:
    """Return words with the commands in them as such: they are there to be copied."""
    told, end = Markup(""), 0
    for found in _COMMAND.finditer(words):
        told += words[end : found.start()] + Markup("<code>{}</code>").format(found[0].strip())
        end = found.end()
    return told + words[end:]


def count(number: int) -> str:
    """Return a number with its thousands apart."""
    return f"{number:,}"
