"""Which names on Python's path are ours, and that they are found here.

The folder of a team's own handlers is on the path too, and may hold, say, a `settings.py`. If it
came before ours, Python would import that one for ours; behind it, ours for theirs.
"""

import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

_ROOT = Path(__file__).resolve().parent


def first() -> None:
    """Have Python look here before it looks anywhere else."""
    sys.path.insert(0, str(_ROOT))


def names() -> set[str]:
    """Return the names of our modules and packages."""
    packages = {path.parent.name for path in _ROOT.glob("*/__init__.py")}
    return packages | {path.stem for path in _ROOT.glob("*.py")}


def collisions(module: str) -> list[str]:
    """Return the paths beside a module of somebody else's that are called like something of ours.

    Python can import only one of the two, for both of us.
    """
    name = module.partition(".")[0]
    folders = {place.parent for place in _places(name)} - {_ROOT}
    return sorted(
        str(path)
        for folder in folders
        for ours in names()
        for path in (folder / f"{ours}.py", folder / ours)
        if path.is_file() or any(path.glob("*.py"))
    )


def _places(name: str) -> Iterator[Path]:
    """Yield the files and folders that a name stands for on the path; imports nothing."""
    spec = find_spec(name)
    if spec is not None and spec.submodule_search_locations is not None:
        yield from (Path(place).resolve() for place in spec.submodule_search_locations)
    elif spec is not None and spec.origin is not None:
        yield Path(spec.origin).resolve()
