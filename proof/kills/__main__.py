"""`python -m proof.kills POINT...`: end a process at just these points, and look what came."""

import argparse
import sys

from proof.__main__ import say
from proof.alone import alone
from proof.context import Context
from proof.handlers import KILLERS
from proof.kills import effects
from proof.kills.ground import Ground, ground
from proof.kills.points import LEADS_TO, strike
from proof.kills.poison import poison
from proof.kills.run import part
from proof.report import Part, summary

FORGOTTEN = "forgotten"


def main() -> None:
    """Exit with 1 if something was found."""
    alone()
    asked = _arguments()
    with ground(Context(asked.seed, 0, say)) as here:
        here.patience = asked.patience
        found = _found(here, asked.points)
    say(summary([found]))
    sys.exit(1 if found.findings else 0)


def _found(here: Ground, points: list[str]) -> Part:
    for point in points:
        if point in KILLERS:
            poison(here, [point])
        elif point == FORGOTTEN:
            effects.forget(here)
            here.recovered()
        else:
            strike(here, point)
    return part(here, "Kill it here", [])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m proof.kills", description=__doc__)
    parser.add_argument("points", nargs="+", choices=[*LEADS_TO, *KILLERS, FORGOTTEN])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patience", type=float, default=60, help="seconds for each recovery")
    return parser.parse_args()


if __name__ == "__main__":
    main()
