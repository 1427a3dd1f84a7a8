"""`python -m proof PART ...`: one part, as `tallyman prove` has it run."""

import argparse
import time
from importlib import import_module
from pathlib import Path

import click
from pydantic import TypeAdapter

from proof.alone import alone
from proof.context import Context
from proof.parts import PARTS
from proof.report import Part


def main() -> None:
    """Run the part, and write what it found as JSON."""
    alone()
    asked = _arguments()
    context = Context(asked.seed, asked.seconds, say)
    found = list(import_module(PARTS[asked.part].module).parts(context, asked.services))
    asked.to.write_bytes(TypeAdapter(list[Part]).dump_json(found))


def say(words: str) -> None:
    """Say how far it is."""
    click.echo(f"{time.strftime('%H:%M:%S')} {words}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m proof", description=__doc__)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("services", nargs="*")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--to", type=Path, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
