"""`.env.example` names what Settings reads, all of it and nothing else, with its true defaults."""

import re
from itertools import pairwise

import pytest
from pydantic import SecretStr

import settings as shape
from integrations import INTEGRATIONS

LINES = (shape.ROOT / ".env.example").read_text().splitlines()
SETTING = re.compile(r"#?([A-Z][A-Z0-9_]*)=(.*)")
EXAMPLE = {m[1]: m[2] for line in LINES if (m := SETTING.fullmatch(line))}
SECRETS = re.compile(rf"({'|'.join(INTEGRATIONS).upper()})_WEBHOOK_SECRETS(__[A-Z]+)?")

# only the proof sets these, for systems of its own
NOT_FOR_PEOPLE = {shape.Proof}
GROUPS = [
    field.default_factory
    for field in shape.Settings.model_fields.values()
    if isinstance(field.default_factory, type)
    and issubclass(field.default_factory, shape.Group)
    and field.default_factory not in NOT_FOR_PEOPLE
]
FIELDS = {name.upper(): (group, name) for group in GROUPS for name in group.model_fields}


def _default(name: str) -> object:
    group, field = FIELDS[name]
    default = group.model_fields[field].get_default(call_default_factory=True)
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    return "" if default in ((), {}) else default


def test_every_setting_is_there():
    secrets = {f"{service.upper()}_WEBHOOK_SECRETS" for service in INTEGRATIONS}
    assert EXAMPLE.keys() >= FIELDS.keys() | secrets


def test_nothing_else_is_there():
    assert [n for n in EXAMPLE if n not in FIELDS and not SECRETS.fullmatch(n)] == []


def test_no_setting_is_there_twice():
    assert len([line for line in LINES if SETTING.fullmatch(line)]) == len(EXAMPLE)


def test_they_stand_in_the_order_of_the_settings():
    assert [name for name in EXAMPLE if name in FIELDS] == list(FIELDS)


@pytest.mark.parametrize("name", FIELDS)
def test_the_default_is_true(name: str):
    assert EXAMPLE[name] == str(_default(name))


def test_no_webhook_secret_is_given():
    assert {value for name, value in EXAMPLE.items() if SECRETS.fullmatch(name)} == {""}


def test_a_copy_changes_nothing():
    assert [line for line in LINES if line and not line.startswith("#")] == []


def test_every_setting_has_a_line_of_meaning():
    bare = [b for a, b in pairwise(LINES) if SETTING.fullmatch(b) and not a.startswith("# ")]
    assert bare == []
