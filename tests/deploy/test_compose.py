"""The compose file says what the Procfile says, and opens nothing to the outside."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from settings import ROOT, Inbox
from tallyman.system import PROCFILE, commands

FILE = ROOT / "docker-compose.yml"
TEXT = FILE.read_text()
SERVICES: dict[str, Any] = yaml.safe_load(TEXT)["services"]
# what a Procfile and a compose file call the same process
NAMES = {"release": "migrate", "web": "receiver"}
OURS = [NAMES.get(name, name) for name in commands()]
STORES = ["postgres", "redis"]
LASTING = [name for name in SERVICES if name != "migrate"]


def test_it_is_a_compose_file():
    check = Path(sys.executable).with_name("check-jsonschema")
    done = subprocess.run(
        [check, "--builtin-schema", "vendor.compose-spec", FILE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_runs_the_processes_of_the_procfile_and_the_stores():
    assert set(SERVICES) == {*OURS, *STORES}


@pytest.mark.parametrize("line", PROCFILE.read_text().splitlines())
def test_the_commands_are_those_of_the_procfile(line: str):
    name, _, command = line.partition(": ")
    assert SERVICES[NAMES.get(name, name)]["command"] == command


@pytest.mark.parametrize("name", OURS)
def test_ours_are_all_the_same_image(name: str):
    assert (SERVICES[name]["image"], SERVICES[name]["build"]) == ("tallyman", ".")


@pytest.mark.parametrize("name", ["POSTGRES_PASSWORD", "FLOWER_BASIC_AUTH"])
def test_what_guards_has_no_default(name: str):
    uses = re.findall(rf"\$\{{?{name}[^}}\n]*\}}?", TEXT)
    assert uses
    assert [use for use in uses if not use.startswith(f"${{{name}:?")] == []


def test_no_variable_has_a_default():
    asked = re.findall(r"(?<!\$)\$\{?(\w+)(..)?", TEXT)
    assert {name for name, mark in asked if mark != ":?"} == set()


def test_no_password_is_written_down():
    guarded = [
        value
        for service in SERVICES.values()
        for name, value in service.get("environment", {}).items()
        if re.search("PASSWORD|SECRET|AUTH|KEY", name)
    ]
    assert guarded
    assert [value for value in guarded if not value.startswith("${")] == []
    assert not re.search(r"://[^@\s/]*:[^@\s/]+@", TEXT)


def test_the_stores_are_not_published():
    assert [name for name in STORES if "ports" in SERVICES[name]] == []


def test_what_is_published_is_on_loopback():
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert len(ports) == 3
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []
    assert [name for name, service in SERVICES.items() if "network_mode" in service] == []


@pytest.mark.parametrize("name", LASTING)
def test_what_lasts_starts_again(name: str):
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_the_migration_runs_until_it_succeeds_and_all_others_wait_for_it():
    assert SERVICES["migrate"]["restart"] == "on-failure"
    waits = {n: SERVICES[n]["depends_on"] for n in OURS if n != "migrate"}
    assert {str(w["migrate"]["condition"]) for w in waits.values()} == {
        "service_completed_successfully"
    }
    assert {str(w["redis"]["condition"]) for w in waits.values()} == {"service_healthy"}
    assert SERVICES["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}


@pytest.mark.parametrize("name", LASTING)
def test_what_lasts_has_a_health_check(name: str):
    assert SERVICES[name]["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}


@pytest.mark.parametrize("name", OURS)
def test_a_task_can_end_before_its_process_is_killed(name: str):
    seconds = int(SERVICES[name]["stop_grace_period"].removesuffix("s"))
    assert seconds > Inbox.model_fields["hard_limit_seconds"].default


@pytest.mark.parametrize("name", OURS)
def test_ours_cannot_gain_rights(name: str):
    assert SERVICES[name]["cap_drop"] == ["ALL"]
    assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"]


def test_redis_keeps_what_was_accepted():
    words = iter(SERVICES["redis"]["command"][1:])
    given = dict(zip(words, words, strict=True))
    assert given["--appendonly"] == "yes"
    assert given["--appendfsync"] == "always"
    assert given["--maxmemory-policy"] == "noeviction"
    assert re.fullmatch(r"[1-9]\d*mb", given["--maxmemory"])


@pytest.mark.parametrize(
    ("name", "folder"), [("postgres", "/var/lib/postgresql/data"), ("redis", "/data")]
)
def test_the_stores_keep_their_data_in_named_volumes(name: str, folder: str):
    assert SERVICES[name]["volumes"] == [f"{name}:{folder}"]
    assert name in yaml.safe_load(TEXT)["volumes"]


def test_it_asks_the_workers_by_the_names_that_they_have():
    for name in ("worker", "work"):
        words = shlex.split(SERVICES[name]["command"])
        node = words[words.index("--hostname") + 1].replace("%h", "$$HOSTNAME")
        assert node in SERVICES[name]["healthcheck"]["test"][1]
