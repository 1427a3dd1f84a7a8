"""The Worker of docs/r2.md, run: what it posts is let in, and counts once with what is pulled."""

import json
import shutil
import subprocess
import time

import pytest

from integrations.r2 import R2
from integrations.r2.webhook import notification_id
from settings import ROOT
from simulator import r2
from tests.conftest import R2_SECRET
from tests.integrations.r2.test_webhook import read

PAGE = ROOT / "docs" / "r2.md"
HARNESS = """
const [told, secret, status] = JSON.parse(process.argv[2]);
const posted = [], done = [];
globalThis.fetch = async (url, asked) => {
  posted.push({ url, ...asked });
  return { ok: status < 300 };
};
const messages = told.map((body) => (
  {body, ack: () => done.push("ack"), retry: (how) => done.push(how)}));
const { default: worker } = await import("./worker.mjs");
await worker.queue({messages}, {TALLYMAN_SECRET: secret, TALLYMAN_URL: "https://x.test/"});
console.log(JSON.stringify({posted, done}));
"""
pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="there is no node")

STORED = r2.notification("PutObject", r2.stored(key='é "quoted"/\u2028\n\\x'), 1_700_000_000)
DELETED = r2.notification("DeleteObject", r2.removed("a"), 1_700_000_000)
CREATED = {
    "type": "cf.r2.bucket.created",
    "payload": {"name": "b"},
    "metadata": {"eventTimestamp": "2025-05-01T02:48:57.132Z"},
}


@pytest.fixture
def run(tmp_path):
    script = PAGE.read_text().partition("```js\n")[2].partition("```")[0]
    (tmp_path / "worker.mjs").write_text(script)
    (tmp_path / "run.mjs").write_text(HARNESS)

    def run(*told, status=202):
        given = json.dumps([told, R2_SECRET, status])
        ended = subprocess.run(
            ["node", "run.mjs", given], cwd=tmp_path, capture_output=True, timeout=30, check=True
        )
        return json.loads(ended.stdout)

    return run


def test_what_the_worker_posts_is_let_in_and_has_the_id_of_what_is_pulled(run):
    result = run(STORED, DELETED)
    assert result["done"] == ["ack", "ack"]
    posted_of = {posted["body"]: posted for posted in result["posted"]}  # in any order
    for told in (STORED, DELETED):
        (posted,) = (posted_of[b] for b in posted_of if json.loads(b) == told)
        body = posted["body"].encode()
        R2.verify(body, posted["headers"], [R2_SECRET], time.time())
        event = read(body, webhook_id=posted["headers"]["webhook-id"])
        assert event.id == notification_id(told) == read(told).id
        assert event.payload == told


def test_another_message_of_the_queue_is_handed_on_too(run):
    (posted,) = run(CREATED)["posted"]
    R2.verify(posted["body"].encode(), posted["headers"], [R2_SECRET], time.time())


def test_what_is_not_taken_comes_again(run):
    assert run(STORED, status=503)["done"] == [{"delaySeconds": 60}]
