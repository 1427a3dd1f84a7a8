"""Every command that a signal names can be copied as it stands: the nights do not play them all."""

import ast
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.incidents.clicks import copied, parsed

_GIVEN = {"row.status": "dead", "name": "customer", "option": " --type x", "cause.id": "0"}


def said() -> Iterator[str]:
    """Yield what the signals say where it names a command, with examples filled in."""
    from worker import signals

    for path in Path(next(iter(signals.__path__))).glob("*.py"):
        tree = ast.parse(path.read_text())
        inner = {id(part) for node in ast.walk(tree) for part in _parts(node)}
        for node in ast.walk(tree):
            words = "".join(map(_filled, _parts(node) or [node]))
            if id(node) not in inner and words.removeprefix("(").count("tallyman "):
                yield words


def _parts(node: ast.AST) -> list[ast.AST]:
    return [*node.values] if isinstance(node, ast.JoinedStr) else []


def _filled(node: ast.AST) -> str:
    if isinstance(node, ast.FormattedValue):
        return _GIVEN.get(ast.unparse(node.value), "posthog")
    value = node.value if isinstance(node, ast.Constant) else ""
    return value if isinstance(value, str) else ""


def test_every_command_that_a_signal_names_is_one():
    lines = [line for words in said() for line in copied(words)]
    assert len(lines) > 15
    assert all(map(parsed, lines))


@pytest.mark.parametrize(
    "wrong", ["tallyman nothing", "tallyman status --nothing", "tallyman dead-letters", "rm -r x"]
)
def test_what_is_no_command_does_not_pass_for_one(wrong: str):
    with pytest.raises((click.UsageError, AssertionError)):
        parsed(wrong)
