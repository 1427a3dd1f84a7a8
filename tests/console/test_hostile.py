"""Requests of people who mean harm: each ends at the door, and changes nothing."""

from tests.console.conftest import sign_in, token

EVIL = "<script>alert(1)</script>"
REVEAL = {"service": "stripe", "id": "evt_1"}


def _with_token(client):
    return {**REVEAL, "csrf": token(client.get("/events"))}


_NOT_FROM_HERE = [
    ({}, lambda _: REVEAL),
    ({}, lambda _: {**REVEAL, "csrf": ""}),
    ({}, lambda _: {**REVEAL, "csrf": "x" * 43}),
    ({}, lambda _: {**REVEAL, "csrf": "\u00fc"}),
    ({"Origin": "https://evil.example"}, _with_token),
    ({"Origin": "null"}, _with_token),
    ({"Origin": "http://localhost.evil.example"}, _with_token),
    ({"Sec-Fetch-Site": "cross-site"}, _with_token),
    ({"Sec-Fetch-Site": "same-site"}, _with_token),
]


def test_what_changes_something_comes_from_a_page_of_this_session_or_is_refused(
    signed_in, event, actions
):
    event()
    for headers, form in _NOT_FROM_HERE:
        answer = signed_in.post("/events/one/reveal", data=form(signed_in), headers=headers)
        assert answer.status_code == 403, headers
        assert "ada@" not in answer.text
    assert [action for _, action, *_ in actions()] == ["login"]


def test_a_token_of_another_session_is_none_here(console, event):
    event()
    app = console()
    mallory, ann = sign_in(app), sign_in(app)
    assert ann.post("/events/one/reveal", data=_with_token(mallory)).status_code == 403


_NOT_OURS = ["evil.example", "evil.example:8001", "127.0.0.1.evil.example", ""]


def test_a_name_that_is_not_ours_reaches_no_page(signed_in):
    def status(host, path):
        with signed_in.get(path, headers={"Host": host}) as answer:
            return answer.status_code

    paths = ("/", "/login", "/static/console.css")
    assert {status(host, path) for host in _NOT_OURS for path in paths} <= {400, 421}


_OURS = ["127.0.0.1:8001", "localhost", "[::1]:8001", "tally.example"]


def test_our_own_names_do(console):
    client = console(CONSOLE_URL="https://tally.example").test_client()
    assert {client.get("/login", headers={"Host": host}).status_code for host in _OURS} == {200}


_TRICKS = [
    "/static/../app.py",
    "/static/..%2fapp.py",
    "/static/%2e%2e/passwords.py",
    "/static/....//app.py",
    "/static//etc/passwd",
    "/static/..\\app.py",
    "/events/one?service=stripe&id=../../etc/passwd",
    "/events/one?service=stripe&id=%00",
    "/events/one?service='; DROP TABLE events; --&id=x",
    "/events/one",
]


def test_tricks_with_paths_find_nothing(signed_in):
    for path in _TRICKS:
        answer = signed_in.get(path, follow_redirects=True)
        assert answer.status_code == 404, path
        assert not [told for told in ("root:", "def ") if told in answer.text], path


_ABSURD = [
    "q=%00",
    "q='%20OR%201=1--",
    "q=%25%5f%5c",
    "since=yesterday",
    "since=99999-01-01",
    "at=2026-01-01T00:00:00%2B00:00&after=%00",
    "at=nonsense&after=x",
    "status=nothing&service=nothing",
    "type=%5c%5c%25*",
    "q=" + "x" * 5000,
    "q=%ed%a0%80",
]


def test_absurd_searches_are_answered(signed_in, event):
    event()
    found = {query: signed_in.get(f"/events?{query}").status_code for query in _ABSURD}
    assert found == dict.fromkeys(_ABSURD, 200)


def test_absurd_pages_of_the_audit_log_are_answered(signed_in):
    for before in ("9" * 5000, "9" * 18, "9" * 19, "-1", "\u0663", "x", ""):
        assert signed_in.get("/audit", query_string={"before": before}).status_code == 200


def test_absurd_words_to_look_for_in_payloads_are_answered(signed_in, event):
    event()
    csrf = token(signed_in.get("/events"))
    for words, status in (("%_\\", 200), ("\ud800abc", 200), ("x" * 5000, 200), ("\0a", 303)):
        form = {"words": words.encode(errors="replace"), "csrf": csrf, "since": "x"}
        assert signed_in.post("/events/payloads", data=form).status_code == status


def test_scripts_in_what_services_say_are_shown_and_not_run(signed_in, event, sql):
    id = f'evt_"{EVIL}'
    event(id, status="dead", type=EVIL, error=EVIL, body=f'{{"{EVIL}": "{EVIL}"}}'.encode())
    sql.execute(
        "INSERT INTO effects (target, action, key, status, error, service, event_id, payload)"
        " VALUES ('loops', %s, 'k', 'dead', %s, 'stripe', %s, '{}')",
        [EVIL, EVIL, id],
    )
    one = {"service": "stripe", "id": id}
    reveal = {**one, "csrf": token(signed_in.get("/events"))}
    for answer in (
        signed_in.get("/"),
        signed_in.get("/events", query_string={"q": EVIL, "type": EVIL, "since": EVIL}),
        signed_in.get("/events"),
        signed_in.get("/events/one", query_string=one),
        signed_in.post("/events/one/reveal", data=reveal),
        signed_in.get("/audit"),
    ):
        assert answer.status_code == 200
        assert EVIL not in answer.text
        assert 'href="javascript' not in answer.text


def test_every_answer_says_what_browsers_may_do_with_it(signed_in):
    for path in ("/", "/login", "/nothing", "/static/console.css"):
        with signed_in.get(path) as answer:
            headers = answer.headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
        kept = "private, max-age=3600" if "static" in path else "no-store"
        assert headers["Cache-Control"] == kept


def test_no_page_has_a_script_or_a_style_of_its_own(signed_in):
    from console.pages import PAGES

    links = [link.path for page in PAGES for link in page.links]
    for path in (*links, "/login"):
        page = signed_in.get(path).text
        assert page.count("<script") == page.count('<script src="/static/')
        inline = ("style=", "<style", "onclick", "onload", "hx-on", "js:")
        assert [name for name in inline if name in page] == [], path


_METHODS = ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]


def test_other_methods_do_nothing(signed_in):
    answers = {signed_in.open("/events", method=method).status_code for method in _METHODS}
    assert answers <= {403, 405}
