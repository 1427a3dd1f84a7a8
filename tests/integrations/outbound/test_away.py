"""Without Redis each process goes by what it knows itself."""

import socket

import pytest

from integrations.errors import Blocked, Transient
from integrations.outbound import calls, request, shared, states
from local.server import free_port


@pytest.fixture(params=["away", "hanging"])
def without_redis(request, given):
    """Redis is away, or takes connections and never answers."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(50)
        port = silent.getsockname()[1] if request.param == "hanging" else free_port()
        given(redis_url=f"redis://127.0.0.1:{port}/0")
        shared.redis.cache_clear()
        shared._script.cache_clear()
        yield
    shared.redis.cache_clear()
    shared._script.cache_clear()


def ask(sick, path):
    return request("loops", "find", "GET", sick.url + path)


@pytest.mark.usefixtures("without_redis")
def test_calls_are_made(sick):
    assert ask(sick, "/ok").status == 200


@pytest.mark.usefixtures("without_redis")
def test_the_breaker_works(sick):
    for _ in range(3):
        with pytest.raises(Transient):
            ask(sick, "/status/500")
    with pytest.raises(Blocked):
        ask(sick, "/ok")
    assert len(sick.asked) == 3
    assert states()["loops"].state == "open"
    assert calls() == {}


@pytest.mark.usefixtures("without_redis")
def test_a_pause_is_kept_and_a_limit(sick, given):
    given(call_limits="loops=0.01")
    ask(sick, "/ok")
    with pytest.raises(Blocked):
        ask(sick, "/ok")


@pytest.mark.usefixtures("without_redis")
def test_redis_is_not_asked_again_at_once(sick, told):
    for _ in range(3):
        ask(sick, "/ok")
    assert len(told("gate.alone")) == 1
