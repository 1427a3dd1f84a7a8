"""What waits in the Cloudflare Queue comes into the ledger, and is acknowledged only then."""

import httpx
import pytest

from integrations.errors import Permanent
from integrations.r2 import R2
from settings import settings
from simulator import r2
from tests.worker.stories import POLICY, T0
from worker import inbox, pulls
from worker.drain import drain
from worker.pulls import pull
from worker.schedule import schedule

STORED = r2.notification("PutObject", r2.stored(), T0)
DELETED = r2.notification("DeleteObject", r2.removed("uploads/Example.png"), T0 + 1)
ID = "example-bucket/uploads/Example.png"


def test_what_is_pulled_is_applied_once_and_acknowledged(queue, ledger, rows):
    queue.tell(STORED)
    queue.tell(DELETED)
    assert pull(R2) == "pulled=2 new=2"
    assert queue.waiting == {}
    assert inbox.redis().llen("r2") == 1  # a doorbell

    assert drain(R2, POLICY) == "handled=2 left=0"
    (kept,) = rows("r2_objects")
    assert (kept["id"], kept["size"]) == (ID, 65536)
    assert kept["deleted_at"].timestamp() == T0 + 1
    assert {row["status"] for row in ledger().values()} == {"handled"}


def test_it_is_in_the_ledger_when_it_is_acknowledged(queue, sql):
    seen = []
    count = "SELECT count(*), min(status) FROM events"
    queue.acknowledging = lambda: seen.append(sql.execute(count).fetchone())
    queue.tell(STORED)
    pull(R2)
    assert seen == [(1, "received")]


def test_what_cannot_be_acknowledged_comes_again_and_counts_once(queue, ledger):
    def refuse():
        queue.answers = []
        raise httpx.ConnectError("away")

    queue.tell(STORED)
    queue.acknowledging = refuse
    assert pull(R2) == "failed"
    assert drain(R2, POLICY) == "handled=1 left=0"

    queue.acknowledging = lambda: None
    assert pull(R2) == "pulled=1 new=0"
    assert [row["status"] for row in ledger().values()] == ["handled"]


def test_what_is_pushed_and_pulled_counts_once(queue, ledger):
    from integrations.r2.webhook import notification_id
    from integrations.schema import dump
    from tests.worker.stories import delivery

    id = notification_id(STORED)
    inbox.put(delivery(dump(STORED).encode(), "r2", webhook_id=id))
    drain(R2, POLICY)
    queue.tell(STORED)
    assert pull(R2) == "pulled=1 new=0"
    assert list(ledger()) == [id]


def test_more_than_a_batch_is_pulled_to_its_end(queue, monkeypatch, ledger):
    monkeypatch.setattr(pulls, "BATCH", 2)
    for number in range(5):
        queue.tell(r2.notification("PutObject", r2.stored(key=f"k{number}"), T0))
    assert pull(R2) == "pulled=5 new=5"
    assert [len(asked["acks"]) for what, asked in queue.requests if what == "ack"] == [2, 2, 1]
    assert len(ledger()) == 5


def test_a_message_that_is_no_notification_is_kept_and_dead(queue, ledger):
    queue.tell("hello", "text")
    pull(R2)
    assert drain(R2, POLICY) == "dead=1 left=0"
    (kept,) = ledger().values()
    assert kept["event_id"].startswith("sha256:")
    assert kept["body"] == b"hello"
    assert "not JSON" in kept["error"]


def test_a_queue_that_is_away_is_asked_again_later(queue, ledger):
    queue.answers = [httpx.Response(503)]
    assert pull(R2) == "failed"
    queue.tell(STORED)
    assert pull(R2) == "pulled=1 new=1"


def test_a_token_that_is_refused_fails_the_task(queue):
    queue.answers = [httpx.Response(403, json={"success": False, "errors": []})]
    with pytest.raises(Permanent):
        pull(R2)


@pytest.mark.parametrize(
    "missing", ["CLOUDFLARE_QUEUE_ID", "CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_API_TOKEN"]
)
def test_a_pull_is_due_only_where_a_queue_can_be_asked(queue, monkeypatch, missing):
    assert schedule(settings())["r2.queue"].task == "r2.sync.queue"
    monkeypatch.delenv(missing)
    settings.cache_clear()
    assert "r2.queue" not in schedule(settings())
