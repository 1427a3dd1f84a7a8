"""Bring the tables to the form that this version of the code works with."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from db.base import SCHEMA
from db.session import engine


def config() -> Config:
    """Return Alembic's configuration; `alembic` in the checkout reads the same from pyproject."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return made


def upgrade(revision: str = "head") -> None:
    """Migrate up to the revision. Waits for another migration that runs."""
    command.upgrade(config(), revision)


def downgrade(revision: str) -> None:
    """Migrate down to the revision, `base` for nothing."""
    command.downgrade(config(), revision)


def newest() -> bool:
    """Return whether the tables have their newest form."""
    head = ScriptDirectory.from_config(config()).get_current_head()
    with engine().connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table_schema": SCHEMA})
        return context.get_current_revision() == head
