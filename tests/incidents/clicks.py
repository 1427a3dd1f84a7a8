"""Where a reason leads: two clicks from the first page of the console to the cause itself."""

import re
from html import unescape
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from worker.health import Health

_WHO = {"X-User": "ann"}
_CODE = re.compile(r"<code>(.*?)</code>")
_SPAN = re.compile(r"\d+ (s|min|h|d)\b|\d[\d.,]*")

# what is found at the second click; of all others the reason's own words
SHOWS = {
    "dead_letters": "Permanent: there is no such plan",
    "silence": "user.updated",
    "refused_signatures": "signature_mismatch",
    "failure_rate": "retrying",
}


def looked_at(one: "Health", client: "FlaskClient") -> None:
    """Follow the first three reasons of a service, as somebody would who was just woken."""
    first = _page(client, "/")
    for reason in one.reasons[:3]:
        assert f'href="{reason.page}"' in first, reason
        shows = SHOWS.get(reason.code, reason.words)
        assert _timeless(shows) in _timeless(_page(client, reason.page)), reason
        assert all(map(parsed, [reason.look, *copied(reason.mend)])), reason


def _page(client: "FlaskClient", path: str) -> str:
    answer = client.get(path, headers=_WHO)
    assert answer.status_code == 200, path
    return unescape(answer.text)


def _timeless(words: str) -> str:
    return _SPAN.sub("#", words)


def copied(words: str) -> list[str]:
    """Return the commands that the console shows in words, to be copied."""
    from console.rendering import commands

    return [unescape(found) for found in _CODE.findall(commands(words))]


def parsed(line: str) -> bool:
    """Return True for one command of ours, rightly written. Raises UsageError."""
    from tallyman.cli import tallyman

    program, *words = line.split()
    assert program == "tallyman", line
    command: click.Command = tallyman
    context = click.Context(command, info_name=program)
    while isinstance(command, click.Group):
        assert words, line
        name, found, words = command.resolve_command(context, words)
        assert found is not None, line
        command, context = found, click.Context(found, info_name=name, parent=context)
    command.make_context(command.name, words, parent=context.parent)
    return True
