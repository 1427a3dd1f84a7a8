"""What the tests of migrations share."""

import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest


@pytest.fixture
def base(clean: None) -> Iterator[psycopg.Connection[Any]]:
    """No tables of ours; all of them again afterwards."""
    from db import migrate

    migrate.downgrade("base")
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        yield connection
    migrate.upgrade()
