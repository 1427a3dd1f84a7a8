"""A console whose settings would let in anybody, or nobody."""

from tests.console.conftest import NAME

_PATHS = ["/", "/events", "/nothing", "/login", "/healthz", "/static/console.css"]
_UNFIT = [
    ({"CONSOLE_USERS": ""}, "CONSOLE_USERS is empty"),
    ({"CONSOLE_SECRET": ""}, "CONSOLE_SECRET"),
    ({"CONSOLE_SECRET": "short"}, "CONSOLE_SECRET"),
    ({"CONSOLE_USERS": "ann:plain text"}, "wrong hash for user 1"),
    ({"CONSOLE_USERS": "ann:scrypt.4.8.1.YQ.YQ"}, "wrong hash for user 1"),
    ({"CONSOLE_TRUSTED_HEADER": "X-User"}, "CONSOLE_TRUSTED_PROXIES"),
    (
        {"CONSOLE_TRUSTED_HEADER": "X-User", "CONSOLE_TRUSTED_PROXIES": "10.0.0.0/8,0.0.0.0/0"},
        "CONSOLE_TRUSTED_PROXIES would let anybody",
    ),
    ({"CONSOLE_TRUSTED_PROXIES": "::/0"}, "CONSOLE_TRUSTED_PROXIES would let anybody"),
]


def test_it_is_closed_and_says_why_where_anybody_or_nobody_could_enter(console):
    for given, words in _UNFIT:
        client = console(**given).test_client()
        for answer in map(client.get, _PATHS):
            assert (answer.status_code, answer.mimetype) == (503, "text/plain")
            assert words in answer.text
            assert NAME not in answer.text
