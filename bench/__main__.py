"""`python -m bench [receiver|drain|latency]...`: medians of interleaved rounds, on this machine."""

import argparse
import json
from importlib import import_module
from pathlib import Path

from bench.figures import FULL, TINY, Figures
from bench.stack import own_stores

PARTS = ("receiver", "drain", "latency")


def main() -> None:
    asked = _arguments()
    size = TINY if asked.tiny else FULL
    with own_stores():  # what is imported below reads the settings
        import_module("db.migrate").upgrade()
        context = import_module("bench.context").context(size)
        figures: Figures = {}
        for part in asked.parts or PARTS:
            import_module("worker.inbox").redis().flushall()  # it is our own: nothing is left over
            found = import_module(f"bench.{part}").measure(size)
            _show(found)
            figures |= found
    asked.to.write_text(json.dumps({**figures, "context": context}, indent=2) + "\n")
    print(f"written to {asked.to}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"one of {', '.join(PARTS)}")
    parser.add_argument("--tiny", action="store_true", help="only see whether it works")
    parser.add_argument("--to", type=Path, default=Path(__file__).with_name("results.json"))
    return parser.parse_args()


def _show(figures: Figures) -> None:
    for name, figure in figures.items():
        print(f"{name:<28} {figure:10.4g}", flush=True)


if __name__ == "__main__":
    main()
