"""What the pages say is there: commands, links, files, metrics and settings."""

import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import settings as shape
from tallyman.cli import tallyman

ROOT = shape.ROOT
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
LINK = re.compile(r"\]\(([^)\s]+)\)")
# a word of a command line: `tallyman events list --since 1h` has two, and an option
CALL = re.compile(r"(?:`|\$ |^ *)tallyman((?: [a-z][a-z-]*)+)([^\n`#]*)", re.MULTILINE)
OPTION = re.compile(r"(?<!\S)--[a-z-]+")

on_every_page = pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
on_every_decision = pytest.mark.parametrize("page", DECISIONS, ids=lambda p: p.name)


@on_every_decision
def test_a_decision_is_short_and_whole(page: Path):
    lines = page.read_text().splitlines()
    assert len(lines) <= 40
    assert lines[0].startswith(f"# {int(page.name[:4])}. ")
    heads = [line[3:] for line in lines if line.startswith("## ")]
    assert heads == ["Context", "Decision", "Consequences", "Alternatives"]


def _anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@on_every_page
def test_every_relative_link_leads_somewhere(page: Path):
    for target in LINK.findall(page.read_text()):
        if "://" not in target:
            path, _, anchor = target.partition("#")
            aim = (page.parent / path).resolve() if path else page
            assert aim.exists(), target
            assert not anchor or anchor in _anchors(aim), target


def _unknown(page: Path) -> Iterator[str]:
    """Yield the command lines that the click tree has no command or no option for."""
    for words, rest in CALL.findall(page.read_text()):
        command: click.Command = tallyman
        for word in words.split():
            if not isinstance(command, click.Group):
                break  # an argument, such as a service
            if word not in command.commands:
                yield f"tallyman{words}"
                break
            command = command.commands[word]
        known = {"--help"} | {name for option in command.params for name in option.opts}
        yield from (f"tallyman{words} {o}" for o in OPTION.findall(rest) if o not in known)


@on_every_page
def test_every_command_exists(page: Path):
    assert list(_unknown(page)) == []


def test_the_pages_name_every_command():
    page = (ROOT / "docs" / "operating.md").read_text()
    missing = [
        name for name in tallyman.commands if name != "up" and f"tallyman {name}" not in page
    ]
    assert missing == []


def test_every_metric_is_explained_and_none_is_made_up():
    folders = ("telemetry", "receiver", "worker", "integrations/outbound")
    sources = [source for folder in folders for source in (ROOT / folder).glob("*.py")]
    named = re.compile(r'"(tallyman_\w+)",')
    made = {name for source in sources for name in named.findall(source.read_text())}
    page = (ROOT / "docs" / "observability.md").read_text()
    assert set(re.findall(r"^\| `(tallyman_\w+)` \|", page, re.MULTILINE)) == made


def test_the_budgets_have_the_defaults_that_the_page_shows():
    page = (ROOT / "docs" / "operating.md").read_text()
    shown = dict(re.findall(r"^\| `([A-Z_]+_SECONDS)` \| (\d+) s \|", page, re.MULTILINE))
    fields = shape.Inbox.model_fields
    assert shown == {name: str(fields[name.lower()].default) for name in shown}
    assert len(shown) == 5


@on_every_page
def test_every_file_that_is_named_is_there(page: Path):
    named = re.findall(r"`((?:[\w.-]+/)*[\w-]+\.(?:py|md|yml|toml|lock))`", page.read_text())
    missing = [name for name in named if not _is_there(name)]
    assert [name for name in missing if "acme" not in name] == []


def _is_there(name: str) -> bool:
    return (ROOT / name).exists() or ("/" not in name and any(_product(name)))


def _product(name: str) -> Iterator[Path]:
    for folder in ("integrations", "tests", "worker", "receiver", "tallyman", "db", "local"):
        yield from (ROOT / folder).rglob(name)


def test_what_the_example_took_is_as_the_page_says():
    """Tied to the files, so that who changes them changes the page."""
    example = ROOT / "examples" / "github"
    lines = {path: len(path.read_text().splitlines()) for path in sorted(example.rglob("*.py"))}
    of = {
        part: sum(n for p, n in lines.items() if part in p.parts) for part in ("tests", "versions")
    }
    lists = runpy.run_path(str(ROOT / "examples" / "add.py"))["lists"]("github")
    took = (
        f"It took {len(lines)} files and {sum(lines.values())} lines, {of['tests']} of them "
        f"tests and {of['versions']} the migration (`git ls-files examples/github | xargs wc -l`), "
        f"and {sum(map(len, lists.values()))} lines in the lists."
    )
    page = (ROOT / "docs" / "adding-a-service.md").read_text()
    assert took in " ".join(page.split())
