"""What the schedule names can be run: each entry is a task of the queue that its service has."""

import pytest

from integrations import INTEGRATIONS
from settings import settings
from worker import bell
from worker.celery import app
from worker.schedule import schedule

KEYS = {
    "STRIPE_API_KEY": "sk_test_x",
    "CLERK_SECRET_KEY": "sk_test_x",
    "LOOPS_API_KEY": "x",
    "POSTHOG_PROJECT_KEY": "x",
    "POSTHOG_PERSONAL_API_KEY": "x",
    "R2_ENDPOINT_URL": "http://127.0.0.1:1",
    "R2_BUCKET": "x",
    "R2_ACCESS_KEY_ID": "x",
    "R2_SECRET_ACCESS_KEY": "x",
    "R2_PREFIXES": "uploads/",
    "R2_ARCHIVE": "true",
    "CLOUDFLARE_QUEUE_ID": "x",
    "CLOUDFLARE_ACCOUNT_ID": "x",
    "CLOUDFLARE_API_TOKEN": "x",
    "EVENTS_RETENTION_DAYS": "30",
}


@pytest.fixture
def all_set(monkeypatch):
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    yield schedule(settings())
    monkeypatch.undo()
    settings.cache_clear()


def test_each_task_that_is_ever_due_is_one(all_set):
    app.loader.import_default_modules()
    queues = {queue.name for queue in app.conf.task_queues}
    assert {f"{service}.contract" for service in INTEGRATIONS} < all_set.keys()
    assert {"stripe.events", "clerk.objects", "r2.objects", "loops.outward"} < all_set.keys()
    for entry in all_set.values():
        assert entry.task in app.tasks
        assert bell.queue_of(entry.task) in queues
