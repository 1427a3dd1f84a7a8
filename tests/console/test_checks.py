"""What `tallyman doctor` says of the console."""

import pytest

_HTTP = {"CONSOLE_URL": "http://tally.example:8001"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, [("ok", "sound")]),
        ({"CONSOLE_USERS": ""}, [("off", "nobody may enter")]),
        ({"CONSOLE_SECRET": "short"}, [("fail", "closed")]),
        (_HTTP, [("ok", "sound"), ("warn", "passwords go over the network")]),
        ({"CONSOLE_URL": "http://localhost:8001"}, [("ok", "sound")]),
        ({"CONSOLE_URL": "https://tally.example"}, [("ok", "sound")]),
    ],
)
def test_doctor_says_whether_the_console_is_fit(given, expected, setup, monkeypatch):
    from click.testing import CliRunner

    from console import checks
    from settings import settings
    from tallyman.commands.doctor import doctor

    for name, value in {**setup, **given}.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    try:
        found = list(checks.findings())
        told = CliRunner().invoke(doctor).output
    finally:
        settings.cache_clear()
    assert [one.level for one in found] == [level for level, _ in expected]
    for one, (_, words) in zip(found, expected, strict=True):
        assert words in one.what
        assert one.what in told
