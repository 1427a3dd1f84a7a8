"""What we keep of GitHub: how each object becomes rows."""

from db.models.github import Issue, Repository
from integrations.github import schemas
from integrations.interface import Mirror, Projection, row


def repository(r: schemas.Repository) -> Projection:
    """Project a repository."""
    yield row(
        Repository,
        r,
        full_name=r.full_name,
        private=r.private,
        archived=r.archived,
        default_branch=r.default_branch,
        open_issues_count=r.open_issues_count,
        created_at=r.created_at,
        updated_at=r.updated_at,
    )


def issue(i: schemas.Issue) -> Projection:
    """Project an issue."""
    yield row(
        Issue,
        i,
        repository=i.repository,
        number=i.number,
        title=i.title,
        state=i.state,
        author=i.user.login,
        created_at=i.created_at,
        updated_at=i.updated_at,
        closed_at=i.closed_at,
    )


MIRRORS = {
    "repository": Mirror(Repository, schemas.Repository, repository, remains=schemas.Repository),
    "issue": Mirror(Issue, schemas.Issue, issue, remains=schemas.Issue),
}
