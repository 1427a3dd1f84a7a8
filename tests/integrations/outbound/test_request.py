"""What comes of a call to a service that is not well."""

import contextlib

import pytest

from integrations.errors import Blocked, Permanent, Transient
from integrations.outbound import request, states
from local.server import free_port


def ask(url, path="/ok", **more):
    return request("loops", "contacts.find", "POST", url + path, json={"email": "a@b.c"}, **more)


def test_an_answer_is_returned_whole(sick):
    answer = ask(sick.url)
    assert (answer.status, answer.json()) == (200, {"ok": True})
    assert answer.headers["request-id"] == "req_1"


def test_an_error_that_comes_as_200_is_the_callers_to_read(sick):
    assert ask(sick.url, "/error_as_200").json() == {"success": False, "message": "no"}


@pytest.mark.parametrize(
    ("path", "unknown"),
    [
        ("/status/408", True),
        ("/status/409", True),
        ("/status/425", False),
        ("/status/429", False),
        ("/status/500", True),
        ("/status/502", True),
        ("/status/503/7", True),
        ("/half", True),
        ("/reset", True),
        ("/never", True),
    ],
)
def test_what_may_get_better_is_transient_and_says_whether_it_may_have_been_done(
    sick, path, unknown
):
    with pytest.raises(Transient) as raised:
        ask(sick.url, path)
    assert raised.value.unknown is unknown


def test_a_service_that_is_not_there_has_done_nothing():
    with pytest.raises(Transient) as raised:
        ask(f"http://127.0.0.1:{free_port()}")
    assert raised.value.unknown is False


def test_a_name_that_nobody_has_is_a_service_that_is_not_there():
    with pytest.raises(Transient) as raised:
        ask("http://nobody.invalid")
    assert raised.value.unknown is False


@pytest.mark.parametrize("path", ["/status/400", "/status/401", "/status/404", "/status/301"])
def test_what_will_not_get_better_is_permanent(sick, path):
    with pytest.raises(Permanent):
        ask(sick.url, path)
    assert len(sick.asked) == 1


def test_an_address_that_is_none_is_permanent():
    with pytest.raises(Permanent):
        ask("not an address")


@pytest.mark.parametrize("status", [404, 409])
def test_a_status_that_is_fine_is_returned(sick, status):
    assert ask(sick.url, f"/status/{status}", fine=[404, 409]).status == status


def test_a_page_in_place_of_json_is_transient_and_may_have_been_done(sick):
    answer = ask(sick.url, "/html")
    with pytest.raises(Transient) as raised:
        answer.json()
    assert raised.value.unknown is True


def test_a_service_that_asks_to_wait_is_left_alone_by_all(sick):
    with pytest.raises(Transient) as asked:
        ask(sick.url, "/status/429/120")
    with pytest.raises(Blocked) as deferred:
        ask(sick.url)
    assert asked.value.retry_after == 120
    assert 100 < deferred.value.wait <= 120
    assert sick.asked == ["/status/429/120"]


def test_answers_that_blame_the_call_do_not_open_the_breaker(sick):
    for _ in range(4):
        with pytest.raises(Permanent):
            ask(sick.url, "/status/422")
    assert states()["loops"].state == "closed"


@pytest.mark.parametrize("path", ["/status/500", "/reset", "/half", "/never"])
def test_a_service_that_fails_so_often_is_not_called_any_more(sick, path):
    for _ in range(3):
        with pytest.raises(Transient):
            ask(sick.url, path)
    with pytest.raises(Blocked) as deferred:
        ask(sick.url)
    assert 0 < deferred.value.wait <= 30
    assert len(sick.asked) == 3
    assert (states()["loops"].state, states()["loops"].failures) == ("open", 3)


def test_a_success_ends_a_row_of_failures(sick):
    for path in ("/status/500", "/status/500", "/ok", "/status/500", "/status/500"):
        with contextlib.suppress(Transient):
            ask(sick.url, path)
    assert states()["loops"].failures == 2


def test_a_breaker_of_one_service_is_no_other_services(sick):
    for _ in range(3):
        with pytest.raises(Transient):
            ask(sick.url, "/status/500")
    assert request("app", "deliver", "POST", sick.url + "/ok").status == 200


def test_it_is_called_again_when_it_is_well(sick, given, until):
    given(breaker_open_seconds=0.1)
    for _ in range(3):
        with pytest.raises(Transient):
            ask(sick.url, "/status/500")
    until(lambda: states()["loops"].state == "half_open")
    assert ask(sick.url).status == 200
    assert states()["loops"].state == "closed"


def test_a_mistake_of_ours_lets_the_next_one_probe(sick, given, until):
    given(breaker_open_seconds=0.1)
    for _ in range(3):
        with pytest.raises(Transient):
            ask(sick.url, "/status/500")
    until(lambda: states()["loops"].state == "half_open")
    with pytest.raises(Permanent):
        request("loops", "contacts.find", "POST", "not an address")
    assert ask(sick.url).status == 200


def test_a_limit_that_is_spent_defers(sick, given):
    given(call_limits="loops=0.01")
    ask(sick.url)
    with pytest.raises(Blocked) as deferred:
        ask(sick.url)
    assert 0 < deferred.value.wait <= 100
    assert len(sick.asked) == 1


@pytest.mark.parametrize("asked", ["Sun, 22 Nov 99999999999999999999 11:00:00 GMT", "\xff"])
def test_whatever_an_answer_asks_for_the_probe_ends(sick, given, until, told, asked):
    given(breaker_open_seconds=0.05, breaker_failures=1)
    sick.says = lambda: (503, {"Retry-After": asked})
    for _ in range(2):
        until(lambda: states()["loops"].state != "open")
        with pytest.raises(Transient):
            ask(sick.url, "/told")
    assert [line["outcome"] for line in told()] == ["transient"] * 2


def test_who_is_stopped_while_it_waits_for_its_turn_leaves_the_probe_to_the_next(
    sick, given, until, monkeypatch
):
    given(breaker_open_seconds=0.05, breaker_failures=1)
    with pytest.raises(Transient):
        ask(sick.url, "/status/500")
    until(lambda: states()["loops"].state == "half_open")

    def stop(_):
        raise SystemExit

    with monkeypatch.context() as stopped:
        stopped.setattr("integrations.outbound.gate.time.sleep", stop)
        with pytest.raises(SystemExit):
            ask(sick.url)
    assert ask(sick.url).status == 200
