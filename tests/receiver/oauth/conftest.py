"""An authorisation server on loopback, a receiver that connects accounts at it, and a browser."""

import pytest


@pytest.fixture
def authority():
    """Give an authorisation server on loopback, which the providers of the tests are at."""
    from simulator.oauth_server import oauth_server
    from tests.receiver.oauth import providers as at_loopback
    from tests.receiver.oauth.browser import PUBLIC

    back = [f"{PUBLIC}/oauth/{name}/callback" for name in ("loopback", "other", "told", "whole")]
    with oauth_server(redirect_uris=back) as running:
        at_loopback.at |= {"authority": running.url, "issuer": running.issuer}
        yield running


@pytest.fixture
def oauth_app(client, authority, setting):
    """Give the receiver's application, set up to connect accounts; what it logs is all it can."""
    from integrations.oauth.providers import providers
    from receiver.app import create_app
    from tests.receiver.oauth.browser import KEY, PUBLIC

    given = {
        "OAUTH_PUBLIC_URL": PUBLIC,
        "OAUTH_LINK_KEY": KEY,
        "OAUTH_PROVIDERS": "tests.receiver.oauth.providers",
        "LOG_LEVEL": "DEBUG",
    }
    for name, value in given.items():
        setting(name, value)
    providers.cache_clear()
    yield create_app()
    providers.cache_clear()


@pytest.fixture
def browser(oauth_app):
    from tests.receiver.oauth.browser import Browser

    return Browser(oauth_app)


@pytest.fixture
def connections(sql):
    """Give what is kept: (service, account, external id, who connected it) of each connection."""
    query = "SELECT service, account, external_id, connected_by FROM oauth_connections"
    return lambda: sql.execute(f"{query} ORDER BY 1, 2").fetchall()
