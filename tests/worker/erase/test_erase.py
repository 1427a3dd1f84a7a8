"""A person is forgotten: nothing of them is left anywhere, and nothing of anybody else is gone."""

import pytest

from integrations.errors import Permanent
from settings import settings
from tests.worker import archives
from tests.worker.erase.conftest import ADDRESS, NAME, WORDS
from tests.worker.erase.people import BOB, user
from tests.worker.stories import T0, clerk, customer_event, drained, put
from worker import erase, search
from worker.erase import Given

USER, CUSTOMER, EMAIL = (
    Given("clerk-user", "user_1"),
    Given("stripe-customer", "cus_1"),
    Given("email", ADDRESS.upper()),
)


def left(text):
    rest = text.replace(BOB, "").lower()
    return [line for line in rest.split("\n") for word in WORDS if word.lower() in line]


@pytest.mark.parametrize("given", [USER, CUSTOMER, EMAIL], ids=lambda given: given.kind)
def test_nothing_of_the_person_is_left_in_tables_redis_and_bucket(
    given, archiving, known, sql, everywhere
):
    sql.execute(archives.OLD + " WHERE event_id IN ('evt_1', 'evt_3', 'evt_5', 'm1', 'm6')")
    assert archives.run() == "left=5"
    assert left(everywhere())

    assert erase.erase(given, "ops").whole
    assert left(everywhere()) == []
    rest = everywhere()
    assert BOB in rest
    assert "Bob Babbage" in rest
    assert all(id in rest for id in ("user_1", "cus_1", "clx1", "evt_1", "m1"))


def test_what_is_anothers_in_the_same_archive_is_read_as_before(archiving, known, bucket, sql):
    before = search.body("stripe", "evt_5")
    sql.execute(archives.OLD)
    archives.run()
    stood = archives.objects(bucket)
    erase.erase(USER, "ops")

    assert search.body("stripe", "evt_5") == before
    assert search.body("stripe", "evt_1") is None
    assert not set(stood) & {k for k in archives.objects(bucket) if "stripe" in k}


def test_the_rows_stay_with_ids_figures_and_states(known, bucket, rows):
    erase.erase(USER, "ops")
    ada = next(row for row in rows("clerk_users") if row["id"] == "user_1")
    assert (ada["data"], ada["first_name"], ada["source"]) == (None, None, "erased")
    assert ada["deleted_at"] is not None
    paid = next(row for row in rows("stripe_charges") if row["id"] == "ch_1")
    shown = ("customer", "amount", "currency", "status", "data", "billing_details")
    assert [paid[n] for n in shown] == ["cus_1", 900, "eur", "succeeded", None, None]
    (organization,) = rows("clerk_organizations")
    assert organization["name"] == "Abacus"


def test_a_preview_counts_and_changes_nothing(known, bucket, everywhere):
    before = everywhere()
    found = erase.preview(USER)
    assert everywhere() == before
    done = erase.erase(USER, "ops")
    assert found.counts == done.counts
    assert found.counts["clerk_users"] == 1
    assert found.counts["stripe_charges"] == 2
    assert any("user_1 is not deleted at clerk" in words for words in found.warnings)


def test_it_is_refused_while_deliveries_of_the_person_wait(known, bucket, everywhere):
    put(clerk("m7", "user.updated", user("user_1", ADDRESS, NAME), T0 + 9))
    before = everywhere()
    with pytest.raises(erase.WaitingError, match="1 of clerk"):
        erase.erase(USER, "ops")
    assert everywhere() == before
    put(customer_event("evt_9", id="cus_12"))  # of somebody else
    drained("clerk")
    assert erase.erase(USER, "ops").whole


def test_asked_for_again_it_goes_on_where_it_was_cut_short(
    archiving, known, sql, everywhere, monkeypatch
):
    sql.execute(archives.OLD)
    archives.run()
    with monkeypatch.context() as without:
        without.setenv("R2_BUCKET", "")
        settings.cache_clear()
        with pytest.raises(Permanent, match="R2 is not configured"):
            erase.erase(USER, "ops")
    settings.cache_clear()
    assert left(everywhere())
    assert erase.erase(USER, "ops").whole
    assert left(everywhere()) == []
    assert sql.execute("SELECT count(*) FROM erasures WHERE finished_at IS NULL").fetchone() == (0,)


def test_asked_for_twice_there_is_nothing_left_to_do(known, bucket):
    erase.erase(USER, "ops")
    again = erase.erase(USER, "ops")
    assert again.counts == {}
    assert again.person.ids["stripe"] == {"cus_1"}


def test_the_record_of_it_names_no_address(known, bucket, sql):
    erase.erase(EMAIL, "ops")
    ((text,),) = sql.execute("SELECT CAST(e AS text) FROM erasures AS e").fetchall()
    assert "email" in text
    assert "ops" in text
    assert not any(word.lower() in text.lower() for word in (*WORDS, "user_1", "cus_1"))


def test_of_another_with_the_same_address_the_row_stays_and_is_told(known, bucket, rows):
    put(clerk("m9", "user.created", user("user_2", ADDRESS, "Eve Other")))
    drained("clerk")
    warnings = erase.erase(USER, "ops").warnings
    assert any("user_2 has the same address" in words for words in warnings)
    assert next(r for r in rows("clerk_users") if r["id"] == "user_2")["first_name"] == "Eve"


def test_an_unknown_person_is_said_to_be_so(clean, bucket):
    with pytest.raises(erase.UnknownPersonError):
        erase.preview(Given("email", "nobody"))
