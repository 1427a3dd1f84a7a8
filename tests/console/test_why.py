"""Why a row is as it is, in the console."""

from tests.worker.stories import T0, drained, put, stripe, subscription


def asked(client, table, id):
    return client.get("/why", query_string={"table": table, "id": id})


def test_a_row_is_told_with_links_to_its_events_and_without_a_value(signed_in):
    for n in (1, 2):
        told = subscription(metadata={"who": "Ada"}, days_until_due=n)
        put(stripe(f"evt_{n}", "customer.subscription.updated", told, T0 + n))
        drained()
    page = asked(signed_in, "stripe_subscriptions", "sub_1")
    assert page.status_code == 200
    assert "Written by the event evt_2" in page.text
    assert "/events/one?service=stripe&amp;id=evt_1" in page.text
    assert "overwritten" in page.text
    assert "Ada" not in page.text


def test_what_is_not_there_is_said_and_nothing_of_it_is_run(signed_in):
    page = asked(signed_in, "stripe_subscriptions", "<script>alert(1)</script>")
    assert page.status_code == 404
    assert "&lt;script&gt;" in page.text
    assert "<script>alert" not in page.text
    assert asked(signed_in, "events", "x").status_code == 404
    assert signed_in.get("/why").status_code == 200
