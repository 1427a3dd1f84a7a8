"""Which names on Python's path are ours, and that they are found here.

The folder of a team's own handlers is on the path too, and may hold, say, a `settings.py`. Ours
come first, whatever the path says: what theirs imports by such a name would be ours.
"""

import ast
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

_ROOT = Path(__file__).resolve().parent
_INSTALLED = {"site-packages", "dist-packages"}


def first() -> None:
    """Have Python look here before it looks anywhere else."""
    if sys.path[:1] != [str(_ROOT)]:
        sys.path.insert(0, str(_ROOT))


def names() -> set[str]:
    """Return the names of our modules and packages."""
    packages = {path.parent.name for path in _ROOT.glob("*/__init__.py")}
    return packages | {path.stem for path in _ROOT.glob("*.py")}


def impostors() -> dict[str, str]:
    """Return the modules of others that were imported by names of ours, and where they are."""
    found = {name: _imported_from(sys.modules[name]) for name in names() & sys.modules.keys()}
    return {n: str(at) for n, at in found.items() if _ROOT not in [*at.parents][:2]}


def _imported_from(module: ModuleType) -> Path:
    return Path(module.__file__ or next(iter(module.__path__))).resolve()


def collisions(module: str) -> list[str]:
    """Return the paths that a module of somebody else's means, and for which it would get ours.

    Those are beside its package, and it imports them, or something beside it does that it imports.
    What is installed is not looked at, nor what is imported by a string.
    """
    name = module.partition(".")[0]
    folders = {place.parent for place in _places(name)} - {_ROOT}
    theirs = (folder for folder in folders if not _INSTALLED & set(folder.parts))
    return sorted(str(path) for folder in theirs for path in _shadowed(folder, name))


def _places(name: str) -> Iterator[Path]:
    """Yield the files and folders that a name stands for on the path; imports nothing."""
    spec = find_spec(name)
    if spec is not None and spec.submodule_search_locations is not None:
        yield from (Path(place).resolve() for place in spec.submodule_search_locations)
    elif spec is not None and spec.origin is not None:
        yield Path(spec.origin).resolve()


def _shadowed(folder: Path, name: str) -> Iterator[Path]:
    """Yield what is called like ours among all in the folder that a name's imports lead to."""
    ours, seen, next_ones = names(), {name}, [name]
    while next_ones:
        name = next_ones.pop()
        path, sources = _sources(folder, name)
        if name in ours and sources:
            yield path
            continue
        new = {imported for source in sources for imported in _imported(source)} - seen
        seen |= new
        next_ones += new


def _sources(folder: Path, name: str) -> tuple[Path, list[Path]]:
    """Return what a name stands for in a folder, and the sources in it."""
    package, module = folder / name, folder / f"{name}.py"
    if package.is_dir() and (inside := list(package.rglob("*.py"))):
        return package, inside
    return module, [module] if module.is_file() else []


def _imported(source: Path) -> Iterator[str]:
    """Yield the first parts of the names that a source imports; nothing if it is no Python."""
    try:
        tree = ast.parse(source.read_bytes())
    except (OSError, SyntaxError, ValueError):  # whoever imports it is told
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]
