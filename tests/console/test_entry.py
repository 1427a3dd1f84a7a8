"""Who gets in: with a password, by a proxy, and nobody else; and how long that lasts."""

import pytest
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from tests.console.conftest import NAME, PASSWORD, sign_in, token

_PAGES = ["/", "/events", "/events/one", "/refused", "/audit", "/nothing"]


def test_who_is_not_signed_in_is_sent_to_the_login_page(console):
    client = console().test_client()
    for answer in map(client.get, _PAGES):
        assert answer.status_code == 303
        assert answer.location.startswith("/login?next=")


def _forged(secret, **session):
    made = SecureCookieSessionInterface()
    kwargs = {"key_derivation": made.key_derivation, "digest_method": made.digest_method}
    signer = URLSafeTimedSerializer(
        secret, salt=made.salt, serializer=made.serializer, signer_kwargs=kwargs
    )
    return signer.dumps(session)


_FORGED = {
    "garbage": "garbage",
    "empty": "",
    "other secret": _forged("another secret", user="ann", since=2**40, of="x", csrf="c"),
    "other password": _forged("s" * 32, user="ann", since=2**40, of="nobody", csrf="c"),
    "no such user": _forged("s" * 32, user="nobody", since=2**40, of="x", csrf="c"),
    "no user": _forged("s" * 32, csrf="c"),
}


def test_a_forged_cookie_signs_nobody_in(console):
    app = console()

    def status(cookie):
        client = app.test_client()
        client.set_cookie("tallyman-console", cookie)
        return client.get("/events").status_code

    assert {what: status(cookie) for what, cookie in _FORGED.items()} == dict.fromkeys(_FORGED, 303)


def test_a_new_password_or_none_ends_the_sessions_of_a_user(console):
    from console.passwords import hashed

    client = sign_in(console())
    (cookie,) = (client.get_cookie("tallyman-console"),)
    for users in (f"ann:{hashed('another password', 14, 1)}", f"ben:{hashed('x', 14, 1)}"):
        later = console(CONSOLE_USERS=users).test_client()
        later.set_cookie("tallyman-console", cookie.value)
        assert later.get("/events").status_code == 303


def test_a_session_ends_by_itself(signed_in, clock):
    assert signed_in.get("/events").status_code == 200
    clock.ahead += 12 * 3600 + 1
    assert signed_in.get("/events").status_code == 303


_ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "javascript:alert(1)",
    "evil.example",
    "http:evil.example",
]


def test_nobody_is_led_elsewhere_after_the_login(console):
    app = console()

    def goes_to(wanted):
        client = app.test_client()
        form = {"user": NAME, "password": PASSWORD, "next": wanted}
        form["csrf"] = token(client.get("/login", query_string={"next": wanted}))
        return client.post("/login", data=form).location

    assert {wanted: goes_to(wanted) for wanted in _ELSEWHERE} == dict.fromkeys(_ELSEWHERE, "/")
    assert goes_to("/events?status=dead") == "/events?status=dead"


def test_who_tries_passwords_is_slowed_down_whatever_name_he_uses(console, clock):
    client = console().test_client()

    def tries(password, name="ann"):
        form = {"user": name, "password": password, "csrf": token(client.get("/login"))}
        return client.post("/login", data=form)

    names = ("ann", "ben", "", "ann", "x" * 5000)
    assert [tries("guess", name).status_code for name in names] == [401] * 5
    slowed = tries("correct horse battery")
    assert slowed.status_code == 429
    assert 0 < int(slowed.headers["Retry-After"]) <= 301
    clock.ahead += 301
    assert tries("correct horse battery").status_code == 303


def test_who_has_a_password_does_not_get_more_tries_at_those_of_others(console):
    client = console().test_client()
    form = {"user": "ann", "csrf": token(client.get("/login"))}
    for _ in range(4):
        assert client.post("/login", data=form | {"password": "guess"}).status_code == 401
    own = sign_in(client.application)
    form["csrf"] = token(own.get("/events"))
    assert own.post("/login", data=form | {"password": "guess"}).status_code == 401
    assert own.post("/login", data=form | {"password": "guess"}).status_code == 429


def test_the_cookie_is_kept_from_scripts_and_from_other_sites(console):
    plain = console().test_client().get("/login").headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= {p.strip() for p in plain.split(";")}
    client = console(CONSOLE_URL="https://tally.example").test_client()
    cookie = client.get("/login", base_url="https://tally.example").headers["Set-Cookie"]
    assert cookie.startswith("__Host-tallyman=")
    assert "Secure" in cookie


def test_a_trusted_proxy_names_the_user_and_nobody_else_does(console):
    behind = {"CONSOLE_TRUSTED_HEADER": "X-User", "CONSOLE_TRUSTED_PROXIES": "10.0.0.0/8"}
    client = console(CONSOLE_USERS="", **behind).test_client()

    def status(address, **headers):
        environ = {"REMOTE_ADDR": address}
        return client.get("/audit", environ_base=environ, headers=headers).status_code

    assert status("10.1.2.3", **{"X-User": "ben"}) == 200
    assert status("10.1.2.3") == 303
    assert status("203.0.113.9", **{"X-User": "ben"}) == 303
    forwarded = {"X-User": "ben", "X-Forwarded-For": "10.1.2.3"}
    assert status("203.0.113.9", **forwarded) == 303


_FROM_ELSEWHERE = {"Sec-Fetch-Site": "cross-site"}


def test_a_link_from_elsewhere_leads_back_with_the_cookie(console):
    answer = console().test_client().get('/events?status=dead&q="><b>', headers=_FROM_ELSEWHERE)
    assert answer.status_code == 200
    assert "0;url=/events?status=dead&amp;q=" in answer.text
    assert "<b>" not in answer.text


@pytest.mark.parametrize("path", ["/\\evil.example", "/%5cevil.example", "/%09/x.y"])
def test_a_link_from_elsewhere_does_not_lead_elsewhere_again(path, console):
    answer = console().test_client().get(path, headers=_FROM_ELSEWHERE, follow_redirects=False)
    assert "evil" not in answer.text.partition("<body>")[0]
    assert '0;url=/"' in answer.text


def test_the_command_prints_a_hash_that_lets_in(console):
    from click.testing import CliRunner

    from tallyman.commands.console_password import console_password

    told = CliRunner().invoke(console_password, ["--user", "ben", "--password", PASSWORD]).output
    name, _, users = told.strip().partition("=")
    assert name == "CONSOLE_USERS"
    assert not set(users) & set("$'\"\\ ")
    assert sign_in(console(CONSOLE_USERS=users), user="ben").get("/audit").status_code == 200


def test_signing_in_and_out_is_kept_and_so_is_who_failed(console, actions):
    client = sign_in(console())
    client.post("/logout", data={"csrf": token(client.get("/events"))})
    assert client.get("/events").status_code == 303
    for name in ("ann", "my password"):
        form = {"user": name, "password": "x", "csrf": token(client.get("/login"))}
        client.post("/login", data=form)
    assert [(by, action) for by, action, *_ in actions()] == [
        ("ann", "login"),
        ("ann", "logout"),
        ("ann", "login failed"),
        ("nobody", "login failed"),
    ]


def test_whom_a_proxy_names_is_kept_once_for_each_session(console, actions, clock):
    behind = {"CONSOLE_TRUSTED_HEADER": "X-User", "CONSOLE_TRUSTED_PROXIES": "127.0.0.1"}
    client = console(CONSOLE_USERS="", **behind).test_client()
    for name, hours in (("ben", 0), ("ben", 0), ("cid", 0), ("ben", 0), ("ben", 13)):
        clock.ahead += hours * 3600
        assert client.get("/audit", headers={"X-User": name}).status_code == 200
    kept = [(by, action) for by, action, *_ in actions()]
    assert kept == [(name, "login by proxy") for name in ("ben", "cid", "ben", "ben")]
