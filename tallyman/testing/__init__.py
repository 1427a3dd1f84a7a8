"""A pytest plugin, `-p tallyman.testing`: deliver events through the real pipeline in your tests.

The stores are those that DATABASE_URL and REDIS_URL name, or embedded ones that are started for the
first test that asks for the fixture. Tallyman's tables are in the schema `tallyman_test`, and empty
for each test. Your handlers are those that HANDLERS, or `tallyman_handlers` in pytest's own
configuration, names.
"""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

import own_modules

if TYPE_CHECKING:
    from tallyman.testing.pipeline import Tallyman

SCHEMA = "tallyman_test"
_HANDLERS = "tallyman_handlers"

pytest.register_assert_rewrite("tallyman.testing.conformance")
own_modules.first()
# before anything reads the settings: no test may reach what a developer has set up for himself
os.environ |= {"DATABASE_SCHEMA": SCHEMA, "TALLYMAN_NO_ENV_FILES": "1"}  # noqa: TID251  set, not read


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the setting that names the handlers."""
    parser.addini(_HANDLERS, "The module of your handlers, as HANDLERS names it.", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Name the handlers. Raises UsageError where their folder collides with ours."""
    if named := str(config.getini(_HANDLERS)):
        os.environ["HANDLERS"] = named  # noqa: TID251  set, not read
    name = os.environ.get("HANDLERS", "")  # noqa: TID251  settings are not to be read yet
    if name and own_modules.collisions(name):
        from worker.handlers import BadHandlersError, refuse_collisions  # noqa: PLC0415

        try:
            refuse_collisions(name)
        except BadHandlersError as error:
            raise pytest.UsageError(str(error)) from None


@pytest.fixture(scope="session")
def _tallyman_stores() -> Iterator[None]:
    if found := own_modules.impostors().items():
        taken = (f"{place} was imported for Tallyman's own {name}" for name, place in found)
        raise pytest.UsageError(f"{' and '.join(taken)}. Next: call yours otherwise")
    own_modules.first()  # pytest has put the tests' folders before it
    from tallyman.testing.pipeline import ready  # noqa: PLC0415  only who delivers needs all that

    with ready():
        yield


@pytest.fixture
def tallyman(_tallyman_stores: None) -> Iterator["Tallyman"]:
    """Deliver events and look at the tables; Tallyman's own are empty at first."""
    from tallyman.testing.pipeline import opened  # noqa: PLC0415  see above

    with opened() as it:
        yield it
