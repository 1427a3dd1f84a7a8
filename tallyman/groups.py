"""Groups of commands whose help is whole, and one that imports a command when it is used."""

import os
import signal
from collections import UserDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

INTERRUPTED = 130  # the exit code that shells give for Ctrl-C


class Group(click.Group):
    """A group that shows the whole summary of each command, where click cuts it to a line."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands with their summaries."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.summary(name)) for name in self.list_commands(ctx)])

    def summary(self, name: str) -> str:
        """Return the first line of a command's help."""
        return (self.commands[name].help or "").partition("\n")[0]

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that is asked for; Ctrl-C ends it as it ends other programs."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)


class _Places(UserDict[str, Any]):
    """Commands by name, kept as `module:attribute` until somebody takes them out."""

    def __getitem__(self, name: str) -> click.Command:
        module, _, attribute = super().__getitem__(name).partition(":")
        with _ended_at_once():
            command: click.Command = getattr(import_module(module), attribute)
        return command


@contextmanager
def _ended_at_once() -> Iterator[None]:
    """Have Ctrl-C end us without a word: libraries that are half imported make errors of it."""
    ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if ours:
        signal.signal(signal.SIGINT, lambda *_: os._exit(INTERRUPTED))
    try:
        yield
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)


class LazyGroup(Group):
    """A group that imports no command before it is used: their libraries take seconds."""

    def __init__(self, *args: Any, places: Mapping[str, tuple[str, str]], **options: Any) -> None:
        """Take {name: (module:attribute, summary)}; the rest as click has it."""
        super().__init__(*args, **options)
        self._summaries = {name: summary for name, (_, summary) in places.items()}
        self.commands = _Places({name: place for name, (place, _) in places.items()})

    def summary(self, name: str) -> str:
        """Return the summary, without importing the command."""
        return self._summaries[name]
