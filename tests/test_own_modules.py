"""What of a team's own modules would be taken for ours: nothing that its package does not need."""

import os
import sys
from types import ModuleType

import pytest

import own_modules


@pytest.fixture
def found(tmp_path, monkeypatch):
    """Return the names of the files, of these, that a package of a team would not get."""

    def collisions(*beside, folder="beside", **sources):
        home = tmp_path / folder
        written = dict.fromkeys(beside, "") | {"billing/__init__.py": ""} | sources
        for name, source in written.items():
            path = home / name
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_text(source)
        monkeypatch.syspath_prepend(home)
        return [os.path.relpath(p, home) for p in own_modules.collisions("billing.webhooks")]

    return collisions


def importing(*lines):
    return {"billing/webhooks.py": "\n".join(lines)}


def test_what_merely_stands_beside_a_package_does_not_collide(found):
    folders = ("simulator", "bench", "proof", "local", "db")
    beside = [f"{name}/__init__.py" for name in folders]
    assert found("settings.py", *beside, **importing("import json", "from billing import x")) == []


@pytest.mark.parametrize(
    "line",
    [
        "import db",
        "import json, db.models as m",
        "from db.models import Team",
        "def f():\n    import db",
    ],
)
def test_what_a_package_imports_by_a_name_of_ours_collides(found, line):
    assert found("settings.py", "db/models.py", **importing(line)) == ["db"]


def test_what_is_imported_by_something_beside_the_package_collides_too(found):
    sources = importing("from teams import plans") | {"teams/plans.py": "import settings"}
    assert found("settings.py", "db/__init__.py", **sources) == ["settings.py"]


@pytest.mark.parametrize("line", ["from . import settings", "from .db import Team", "import local"])
def test_a_name_of_ours_inside_a_package_or_beside_nothing_does_not_collide(found, line):
    assert found("settings.py", "billing/db.py", **importing(line)) == []


def test_what_leads_round_in_a_circle_or_is_no_python_is_passed_over(found):
    sources = importing("import teams, broken") | {
        "teams.py": "import billing.webhooks, settings",
        "broken.py": "import (",
    }
    assert found("settings.py", **sources) == ["settings.py"]


def test_what_is_installed_beside_an_installed_package_collides_when_it_imports_it(found):
    sources = importing("import db, requests") | {"requests/__init__.py": "import settings"}
    assert found("settings.py", "db.py", folder="lib/site-packages", **sources) == ["db.py"]


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """Write sources into another folder of the path."""

    def write(**sources):
        for name, source in sources.items():
            path = tmp_path / "elsewhere" / name
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_text(source)
        monkeypatch.syspath_prepend(tmp_path / "elsewhere")

    return write


def test_what_stands_in_another_folder_of_the_path_collides_when_it_is_imported(elsewhere, found):
    elsewhere(**{"settings.py": "", "db.py": ""})
    assert found(**importing("import settings")) == ["../elsewhere/settings.py"]


def test_imports_are_followed_into_another_folder_of_the_path_and_back(elsewhere, found):
    elsewhere(**{"teams/plans.py": "import customers", "db.py": ""})
    sources = importing("import teams.plans") | {"customers.py": "import settings, db"}
    assert found("settings.py", **sources) == ["settings.py", "../elsewhere/db.py"]


@pytest.mark.parametrize("inside", ["tests", "plans/tests", "env/lib/site-packages/x", "env/x"])
def test_what_only_tests_or_an_environment_inside_a_package_import_does_not_collide(found, inside):
    sources = {"billing/env/pyvenv.cfg": "", f"billing/{inside}/x.py": "import settings"}
    assert found("settings.py", **sources) == []


def test_what_is_imported_for_its_types_alone_does_not_collide(found):
    lines = ["import typing", "if typing.TYPE_CHECKING:", "    import settings"]
    more = ["if TYPE_CHECKING:", "    from db import x", "else:", "    import bench"]
    sources = importing(*lines, *more)
    assert found("settings.py", "db.py", "bench.py", **sources) == ["bench.py"]


@pytest.mark.parametrize("place", ["file", "package", "memory"])
def test_what_was_imported_by_a_name_of_ours_is_told_with_its_place(place, tmp_path, monkeypatch):
    stub = ModuleType("bench")
    if place == "file":
        stub.__file__ = str(tmp_path / "bench.py")
    if place == "package":
        stub.__path__ = [str(tmp_path / "bench")]
    monkeypatch.setitem(sys.modules, "bench", stub)
    told = {"file": f"{tmp_path}/bench.py", "package": f"{tmp_path}/bench", "memory": "memory"}
    assert own_modules.impostors() == {"bench": told[place]}
