"""The providers that the door's tests connect accounts at; their addresses are set by the tests."""

from integrations.oauth.answers import grant
from integrations.oauth.interface import Client, Endpoints, Provider

CLIENT = Client("client_loopback", "loopback-secret")
at = {"authority": "", "issuer": "", "client_id": CLIENT.id, "scopes": "read write"}


def _endpoints():
    url = at["authority"]
    return Endpoints(
        authorize=f"{url}/oauth/authorize?kept=1",
        token=f"{url}/oauth/token",
        revoke=f"{url}/oauth/revoke",
        issuer=at["issuer"],
    )


def _scopes():
    return at["scopes"].split()


def _never(_provider, _held):
    raise AssertionError("nobody asked for the end of all that the account has")


def _loopback(name, **more):
    return Provider(
        name=name,
        client=lambda: Client(at["client_id"], CLIENT.secret),
        endpoints=_endpoints,
        scopes=_scopes,
        **more,
    )


PROVIDERS = [
    _loopback("loopback"),
    _loopback("other"),
    _loopback("told", read=lambda answer: grant(answer, external_id="account")),
    _loopback("whole", read=lambda answer: grant(answer, external_id="account"), revoke=_never),
    Provider(name="unset", client=lambda: Client(""), endpoints=_endpoints),
]
