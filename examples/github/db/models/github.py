"""What we keep of GitHub.

The fields are those of https://docs.github.com/en/webhooks/webhook-events-and-payloads.
"""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Mirrored


class Repository(Mirrored, Base):
    """A repository. https://docs.github.com/en/rest/repos/repos."""

    __tablename__ = "github_repositories"
    id: Mapped[str] = mapped_column(primary_key=True)
    full_name: Mapped[str | None] = mapped_column(index=True)
    private: Mapped[bool | None]
    archived: Mapped[bool | None]
    default_branch: Mapped[str | None]
    open_issues_count: Mapped[int | None]
    created_at: Mapped[datetime | None]
    updated_at: Mapped[datetime | None]


class Issue(Mirrored, Base):
    """An issue. https://docs.github.com/en/rest/issues/issues."""

    __tablename__ = "github_issues"
    __table_args__ = (Index(None, "repository", "number"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    repository: Mapped[str | None] = mapped_column(comment="issue.repository_url: its end")
    number: Mapped[int | None]
    title: Mapped[str | None]
    state: Mapped[str | None] = mapped_column(comment="issue.state: open or closed")
    author: Mapped[str | None] = mapped_column(comment="issue.user.login")
    created_at: Mapped[datetime | None]
    updated_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
