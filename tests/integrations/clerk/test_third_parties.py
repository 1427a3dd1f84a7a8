"""A user's token at a third party is asked for when it is needed, and not kept."""

from datetime import UTC, datetime

import pytest

from integrations.clerk.third_parties import token
from integrations.errors import Permanent, Transient
from integrations.oauth.interface import NotConnected
from tests.clerk_api import error, json_of

PATH = "users/user_1/oauth_access_tokens/oauth_google"
UNTIL = 1_795_000_000


def _told(**changed):
    return {
        "object": "oauth_access_token",
        "external_account_id": "eac_1",
        "provider_user_id": "g-1",
        "token": "ya29.hush",
        "expires_at": UNTIL,
        "provider": "oauth_google",
        "public_metadata": {},
        "label": None,
        "scopes": ["email"],
    } | changed


@pytest.mark.parametrize("expires_at", [UNTIL, UNTIL * 1000])
def test_it_is_asked_for(clerk, expires_at):
    clerk.answers[PATH] = json_of([_told(expires_at=expires_at)])
    found = token("user_1", "oauth_google")
    assert (found.value, found.external_id) == ("ya29.hush", "g-1")
    assert found.expires_at == datetime.fromtimestamp(UNTIL, UTC)
    assert "hush" not in repr(found)


def test_one_that_clerk_s_library_does_not_fit_is_taken_all_the_same(clerk):
    told = _told(label=7)
    del told["public_metadata"]
    clerk.answers[PATH] = json_of([told])
    assert token("user_1", "oauth_google").value == "ya29.hush"


@pytest.mark.parametrize(
    ("answer", "raised"),
    [
        (json_of([]), NotConnected),
        (error(404, "resource_not_found"), NotConnected),
        (json_of([_told(token="")]), Transient),
        (error(503, "busy"), Transient),
        (error(401, "authentication_invalid"), Permanent),
        (error(403, "organization_not_enabled_in_instance"), Permanent),
    ],
)
def test_what_there_is_not_is_said(clerk, answer, raised):
    clerk.answers[PATH] = answer
    with pytest.raises(raised) as found:
        token("user_1", "oauth_google")
    assert found.type is raised
