"""The environment over the env files: the only reader of either."""

import os
from collections.abc import Sequence
from pathlib import Path

from dotenv import dotenv_values

# `tallyman up` writes where its own stores are, so that a second terminal finds them; `.env` wins.
ROOT = Path(__file__).parent.parent
RUNNING, DOTENV = ROOT / ".data" / "running.env", ROOT / ".env"
# the tests and the demo shall not see what a developer has set up for himself
_ALONE = os.environ.get("TALLYMAN_NO_ENV_FILES")  # noqa: TID251  this file is the reader
ENV_FILES = () if _ALONE else (RUNNING, DOTENV)


def environment(files: Sequence[Path] = ENV_FILES) -> dict[str, str]:
    """Return the variables of the process over those of the env files."""
    found: dict[str, str] = {}
    for path in files:
        if path.is_file():
            found |= {name: value for name, value in dotenv_values(path).items() if value}
    return found | dict(os.environ)  # noqa: TID251  this file is the reader
