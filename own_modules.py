"""Which names on Python's path are ours, and that they are found here.

The folder of a team's own handlers is on the path too, and may hold, say, a `settings.py`. Ours
come first, whatever the path says: what theirs imports by such a name would be ours.
"""

import ast
import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

_ROOT = Path(__file__).resolve().parent
_PYTHON = Path(sysconfig.get_path("stdlib")).resolve()
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
    return {n: at for n, at in sorted(found.items()) if _ROOT not in [*Path(at).parents][:2]}


def _imported_from(module: object) -> str:
    """Return the place of a module; `memory` where it has none, as a stub of somebody's tests."""
    places = [getattr(module, "__file__", None), *getattr(module, "__path__", ())]
    return next((str(Path(place).resolve()) for place in places if place), "memory")


def collisions(module: str) -> list[str]:
    """Return the paths that a module of somebody else's means, and for which it would get ours.

    Those are on Python's path or beside its package, and the package imports them, or something
    does that it imports. Of what is installed nothing but the package itself is looked into. What
    is imported by a string is not seen, nor what only tests or type checkers import.
    """
    name = module.partition(".")[0]
    homes = {place.parent for place in _places(name)} - {_ROOT}
    folders = homes | {Path(entry).resolve() for entry in sys.path} - {_ROOT}
    taken = names() & _needed(name, homes, folders)
    found = {path for name in taken for folder in folders for path in _standing(folder, name)}
    return sorted(map(str, found))


def _places(name: str) -> Iterator[Path]:
    """Yield the files and folders that a name stands for on the path; imports nothing."""
    spec = find_spec(name)
    if spec is not None and spec.submodule_search_locations is not None:
        yield from (Path(place).resolve() for place in spec.submodule_search_locations)
    elif spec is not None and spec.origin is not None:
        yield Path(spec.origin).resolve()


def _needed(package: str, homes: Iterable[Path], folders: Iterable[Path]) -> set[str]:
    """Return the names that a package imports, and those that these import, and so on."""
    theirs = [at for at in folders if at != _PYTHON and not _INSTALLED & set(at.parts)]
    needed, new = set[str](), _imported_by(package, homes)
    while new := new - needed - {package}:
        needed |= new
        new = {other for name in new - names() for other in _imported_by(name, theirs)}
    return needed


def _imported_by(name: str, folders: Iterable[Path]) -> set[str]:
    sources = (source for folder in folders for source in _sources(folder, name))
    return {imported for source in sources for imported in _imported(source)}


def _standing(folder: Path, name: str) -> Iterator[Path]:
    """Yield what a name stands for in a folder."""
    if source := next(_sources(folder, name), None):
        yield source if source.parent == folder else folder / name


def _sources(folder: Path, name: str) -> Iterator[Path]:
    """Yield the sources of a module or package in a folder, without its tests and environments."""
    if (module := folder / f"{name}.py").is_file():
        yield module
    for at, inside, files in os.walk(folder / name):
        if "pyvenv.cfg" in files:
            inside.clear()
            continue
        inside[:] = set(inside) - _INSTALLED - {"tests"}
        yield from (Path(at, file) for file in files if file.endswith(".py"))


def _imported(source: Path) -> Iterator[str]:
    """Yield the first parts of the names that a source imports; nothing if it is no Python."""
    try:
        tree = ast.parse(source.read_bytes())
    except (OSError, SyntaxError, ValueError):  # whoever imports it is told
        return
    for node in _run(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def _run(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield all of a tree but what stands under `if TYPE_CHECKING`."""
    rest = [tree]
    while rest:
        yield (node := rest.pop())
        rest += _inside(node)


def _inside(node: ast.AST) -> Iterable[ast.AST]:
    if isinstance(node, ast.If):
        tested = {getattr(node.test, "id", ""), getattr(node.test, "attr", "")}
        return node.orelse if "TYPE_CHECKING" in tested else ast.iter_child_nodes(node)
    return ast.iter_child_nodes(node)
