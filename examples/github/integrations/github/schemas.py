"""What GitHub says: only the fields that we read.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from pydantic import Field

from integrations.schema import BigInt, Id, NumberedId, Resource, SecondsOrISO, Shape


class Envelope(Shape):
    """An event: its id and its name are headers."""

    id: Id
    event: Id
    action: Id | None = None


class Times(Shape):
    """The clock of an object."""

    updated_at: SecondsOrISO | None = None


class Login(Shape):
    """An account."""

    login: str | None = None


class Repository(Resource):
    """https://docs.github.com/en/rest/repos/repos#get-a-repository."""

    id: NumberedId
    full_name: str | None = None
    private: bool | None = None
    archived: bool | None = None
    default_branch: str | None = None
    open_issues_count: BigInt | None = None
    created_at: SecondsOrISO | None = None
    updated_at: SecondsOrISO | None = None


class Issue(Resource):
    """https://docs.github.com/en/rest/issues/issues#get-an-issue."""

    id: NumberedId
    number: BigInt | None = None
    repository_url: str | None = None
    title: str | None = None
    state: str | None = None
    user: Login = Field(default_factory=Login)
    created_at: SecondsOrISO | None = None
    updated_at: SecondsOrISO | None = None
    closed_at: SecondsOrISO | None = None

    @property
    def repository(self) -> str | None:
        """Return the repository's full name, such as octocat/Hello-World."""
        parts = (self.repository_url or "").rsplit("/", 2)
        return "/".join(parts[1:]) if len(parts) == 3 else None
