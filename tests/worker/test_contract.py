"""What services tell is learned, and what changes in it is reported once."""

import json
import re

from structlog.testing import capture_logs

from tests.worker import stories
from tests.worker.stories import T0, clerk, drained, put, stripe
from worker.contracts import changes, contract, contract_checks
from worker.contracts.shapes import LEARNED


def customers(count, start=0, **fields):
    put(
        *(
            stories.customer_event(f"evt_{start + n}", T0 + start + n, id=f"cus_{n}", **fields)
            for n in range(count)
        )
    )
    drained()


def test_a_change_is_learned_from_the_ledger_and_shown(clean, rows):
    customers(LEARNED)
    assert contract.learn("stripe") == f"bodies={LEARNED} changes=0"
    assert contract.learn("stripe") == "bodies=0 changes=0"
    assert [f.level for f in contract_checks.findings()] == ["ok"]

    customers(2, LEARNED, phone={"number": "+1555", "secret": "hunter2"}, name="Bea")
    customers(3, LEARNED + 2, balance="7", phone="+1555")
    with capture_logs() as logs:
        assert contract.learn("stripe") == "bodies=5 changes=1"
    assert contract.learn("stripe") == "bodies=0 changes=0"
    (line,) = (one for one in logs if one["event"] == "contract.changed")
    assert (line["of"], line["path"], line["change"]) == ("customer", "phone", "new")
    assert not re.search("hunter2|1555|Bea", json.dumps(logs))


def test_a_retyped_field_is_warned_of_by_doctor_for_a_week(clean, sql):
    customers(LEARNED, description="a")
    contract.learn("stripe")
    customers(1, LEARNED, description=["a"])
    contract.learn("stripe")

    (found,) = contract_checks.findings()
    assert found.level == "warn"
    assert found.what == "stripe: customer description is retyped (array|string)"
    sql.execute("UPDATE shapes SET reported_at = now() - interval '8 d'")
    assert [f.level for f in contract_checks.findings()] == ["ok"]


def test_objects_are_learned_by_their_type_and_what_is_around_them_by_the_events(clean, rows):
    customers(1)
    gone = {"object": "customer", "id": "cus_9", "deleted": True}
    put(stripe("evt_gone", "customer.deleted", gone))
    put(clerk("msg_1", "user.created", stories.user()))
    drained()
    drained("clerk")
    contract.learn("stripe")
    contract.learn("clerk")

    paths = {(one["of"], one["path"]) for one in rows("shapes")}
    assert ("customer", "name") in paths
    assert ("customer.updated", "data.object") in paths
    assert ("customer.updated", "data.object.name") not in paths
    assert ("customer.deleted", "data.object.deleted") in paths
    assert ("customer", "deleted") not in paths
    assert ("user", "email_addresses[].email_address") in paths
    assert ("user.created", "instance_id") in paths


def test_a_run_looks_at_a_bounded_sample_and_at_no_body_that_left(clean, sql):
    customers(contract.OF_A_TYPE + 5)
    put(stories.invoice("evt_invoice"), stories.invoice("evt_archived"))
    drained()
    sql.execute("UPDATE events SET body = NULL WHERE event_id = 'evt_archived'")
    assert contract.learn("stripe") == f"bodies={contract.OF_A_TYPE + 1} changes=0"
    assert contract.learn("stripe") == "bodies=0 changes=0"


def test_who_comes_second_leaves_it_to_the_first(clean, sql):
    customers(1)
    contract.learn("stripe")
    customers(1, 5)
    with sql.transaction():
        sql.execute("SELECT FROM sync_cursors FOR UPDATE")
        assert contract.learn("stripe") == "bodies=0 changes=0"
    assert contract.learn("stripe") == "bodies=1 changes=0"


def test_fields_that_the_services_library_refused_are_reported_once(clean):
    with capture_logs() as logs:
        for _ in range(2):
            changes.unfit("clerk", "user", ["banned", "data[].locked", "banned"])
    told = [one["path"] for one in logs if one["event"] == "contract.changed"]
    assert sorted(told) == ["banned", "data[].locked"]
    assert {f.level for f in contract_checks.findings()} == {"warn"}
