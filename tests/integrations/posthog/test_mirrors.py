"""Feature flags, as the API lists them."""

from datetime import UTC, datetime

from integrations.interface import Row, Snapshot
from integrations.posthog import POSTHOG
from integrations.schema import Resource

# as the API gives them: the id is a number, and a flag that was archived or turned off stays listed
FLAG = {
    "id": 4721,
    "key": "new-checkout",
    "name": "One page",
    "active": True,
    "deleted": False,
    "filters": {"groups": [{"rollout_percentage": 50}], "multivariate": None},
    "version": 3,
    "rollout_percentage": 50,
    "ensure_experience_continuity": None,
    "evaluation_runtime": "server",
    "tags": ["checkout"],
    "created_by": {"id": 1, "email": "ada@example.com"},
    "created_at": "2025-03-01T12:00:00.123456Z",
    "updated_at": None,
}
AT = datetime(2026, 11, 23, tzinfo=UTC)


def projected(told):
    (row,) = POSTHOG.mirrors["feature_flag"].project(told)
    assert isinstance(row, Row)
    return row


def test_a_flag_becomes_a_row_with_its_number_as_text():
    row = projected(Snapshot("feature_flag", FLAG, 1, "list"))
    assert row.id == "4721"
    assert row.values["key"] == "new-checkout"
    assert row.values["filters"] == {"groups": [{"rollout_percentage": 50}], "multivariate": None}
    assert (row.values["version"], row.values["rollout_percentage"]) == (3, 50.0)
    assert row.values["created_at"] == datetime(2025, 3, 1, 12, 0, 0, 123_456, UTC)
    assert row.values["updated_at"] is None
    assert isinstance(row.of, Resource)
    assert row.of.raw == FLAG


def test_a_flag_that_is_gone_becomes_its_id():
    gone = Snapshot("feature_flag", FLAG | {"deleted": True}, 1, "list", gone_at=AT)
    row = projected(gone)
    assert (row.of, dict(row.values)) == ("4721", {})


def test_a_flag_is_written_and_a_newer_listing_wins(clean, sql):
    from db.session import transaction
    from worker import rows

    for clock, active in ((2000, False), (1000, True)):
        told = Snapshot("feature_flag", FLAG | {"active": active}, clock, "list")
        with transaction() as session:
            rows.upsert(session, [(told, POSTHOG.mirrors["feature_flag"].project(told))])
    found = sql.execute(
        "SELECT id, active, tags, clock, source, last_event_id FROM posthog_feature_flags"
    )
    assert found.fetchall() == [("4721", False, ["checkout"], 2000, "list", None)]
