"""`make corpus`: payloads of others through the real processes, and what is said of them."""

import json
import os
import subprocess
import sys

import pytest

from settings import ROOT

pytestmark = pytest.mark.e2e

EVENT = {"object": "event", "id": "evt_00000000000000", "created": 1_600_000_000}
CUSTOMER = {"object": "customer", "id": "cus_1", "name": "Ada"}
FILES = {
    "stripe/events/customer.json": EVENT
    | {"type": "customer.updated", "data": {"object": CUSTOMER}},
    "stripe/events/wrong.json": EVENT
    | {"type": "customer.updated", "data": {"object": CUSTOMER | {"name": 7}}},
    "stripe/list.json": {"object": "list", "data": [CUSTOMER, {"object": "balance"}]},
    "stripe/balance.json": {"object": "balance"},
    "stripe/empty.json": {"object": "dispute", "id": "dp_1"},
    "clerk/user.json": {"object": "user", "id": "user_1", "updated_at": 1_600_000_000_000},
    "loops/bounced.json": {
        "eventName": "email.hardBounced",
        "eventTime": 1_600_000_000,
        "contactIdentity": {"id": "cm_1", "email": "ada@example.com", "userId": None},
    },
    "acme/thing.json": {"type": "thing.created"},
    "stripe/catalogue/types.json": {"customer": ["customer.updated"]},
}


def test_every_payload_is_told_of_and_counted(tmp_path):
    for name, value in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(json.dumps(value))
    (tmp_path / "json-robustness").mkdir()
    for number, body in enumerate([b"", b"[1,]", b"\xff", b'{"a":1}']):
        (tmp_path / "json-robustness" / f"{number}.json").write_bytes(body)

    stores = {"DATABASE_URL", "REDIS_URL", "DATABASE_SCHEMA"}
    done = subprocess.run(
        [sys.executable, "-m", "tallyman.corpus", str(tmp_path)],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name not in stores},
        check=False,
        text=True,
        capture_output=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert json.loads(lines[-1]) == {
        "files": 8,
        "handled": 5,
        "ignored": 1,
        "dead": 1,
        "refused": 1,
        "errors": 0,
        "services": {"acme": 1, "clerk": 1, "loops": 1, "stripe": 5},
        "malformed": {"files": 4, "errors": 0},
    }
    assert any(
        line.startswith("stripe/events/wrong.json") and "Unreadable: Customer.name: " in line
        for line in lines
    )
    assert any(line.split()[:2] == ["stripe_disputes", "dp_1"] for line in lines)
    assert "Skipped: 1" in lines
    assert any(line.split()[:2] == ["stripe_customers", "2"] for line in lines)
    assert any(line.split()[:2] == ["loops_contacts", "1"] for line in lines), "told beside content"
