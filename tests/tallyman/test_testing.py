"""`tallyman.testing`, as a team uses it: from a folder of theirs, in their own pytest."""

import subprocess
import sys

import pytest

from settings import ROOT
from tests.tallyman import team as files
from tests.tallyman.team import run_pytest

ONE = "test_billing.py::test_a_subscription_starts_the_plan"


@pytest.fixture
def team(tmp_path):
    """A second folder, with a package and tests of its own."""
    return files.make(tmp_path)


def test_a_team_delivers_events_in_its_own_pytest(clean, team):
    code, words = run_pytest(team)
    assert code == 0, words
    assert "10 passed" in words


def test_the_handlers_of_pytest_s_configuration_count_though_a_conftest_read_the_settings(
    clean, team
):
    (team / "conftest.py").write_text("from worker.handlers import handlers\nhandlers()\n")
    code, words = run_pytest(team, ONE)
    assert code == 0, words


def test_an_inbox_in_which_deliveries_wait_is_left_alone(clean, team):
    from worker import inbox

    inbox.redis().xadd(inbox.stream("stripe"), {"body": "{}"})
    code, words = run_pytest(team, ONE)
    assert code != 0
    assert "deliveries wait there" in words
    assert inbox.backlog("stripe").waiting == 1


def test_the_stores_are_started_where_none_are_named(team):
    code, words = run_pytest(team, ONE, DATABASE_URL="", REDIS_URL="")
    assert code == 0, words
    assert "1 passed" in words


def test_a_package_that_imports_a_name_of_ours_is_refused_before_any_test(team):
    (team / "settings.py").touch()
    (team / "billing" / "webhooks.py").write_text("import settings\nHANDLERS = {}\n")
    code, words = run_pytest(team)
    assert code == 4
    assert f"{team / 'settings.py'} cannot be imported for billing" in words
    assert "call yours otherwise, or have billing do without them" in words


def test_a_team_s_own_modules_may_be_called_like_ours_as_long_as_nobody_imports_them(clean, team):
    (team / "settings.py").touch()
    (team / "db").mkdir()
    (team / "db" / "__init__.py").touch()
    code, words = run_pytest(team, ONE)
    assert code == 0, words


def test_tests_that_import_names_of_ours_are_told_of_each(clean, team):
    (team / "settings.py").touch()
    stub = "import sys, types\nsys.modules['bench'] = types.ModuleType('bench')\n"
    (team / "conftest.py").write_text(f"import settings\n{stub}")
    code, words = run_pytest(team, ONE)
    assert code != 0
    assert "memory was imported for Tallyman's own bench and " in words
    assert f"{team / 'settings.py'} was imported for Tallyman's own settings" in words


def test_the_plugin_says_so_when_it_was_loaded_too_late(clean, team):
    (team / "pytest.ini").write_text("[pytest]\ntallyman_handlers = billing.webhooks\n")
    (team / "conftest.py").write_text("import db.base\npytest_plugins = ['tallyman.testing']\n")
    code, words = run_pytest(team, ONE, DATABASE_SCHEMA="tallyman")
    assert code != 0
    assert "load the plugin before all else: addopts = -p tallyman.testing" in words


def test_the_public_face_imports_no_library_that_takes_long():
    code = (
        "import sys, tallyman, tallyman.testing\n"
        "print({'sqlalchemy', 'redis', 'pydantic', 'celery', 'stripe'} & set(sys.modules))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert told.stdout == "set()\n"


def test_our_own_tests_run_whatever_the_developer_has_set():
    of_a_developer = {"RETRY_ATTEMPTS": "many", "STRIPE_WEBHOOK_SECRETS__MINE": "whsec_mine"}
    code, words = run_pytest(ROOT, "tests/worker/test_retry_policy.py", **of_a_developer)
    assert code == 0, words
