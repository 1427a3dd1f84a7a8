"""What of a team's own modules would be taken for ours: nothing that its package does not need."""

from pathlib import Path

import pytest

import own_modules


@pytest.fixture
def found(tmp_path, monkeypatch):
    """Return the names of the files, of these, that a package of a team would not get."""

    def collisions(*beside, folder=".", **sources):
        home = tmp_path / folder
        written = dict.fromkeys(beside, "") | {"billing/__init__.py": ""} | sources
        for name, source in written.items():
            path = home / name
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_text(source)
        monkeypatch.syspath_prepend(home)
        return [str(Path(p).relative_to(home)) for p in own_modules.collisions("billing.webhooks")]

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


def test_what_is_installed_does_not_collide(found):
    sources = importing("import settings")
    assert found("settings.py", folder="lib/python3/site-packages", **sources) == []
