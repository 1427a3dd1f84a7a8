"""What an SDK's error means."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from integrations.errors import Deferred, Permanent, Transient

Outcome = Transient | Permanent | Deferred


def raised(error: BaseException) -> Outcome | None:
    """Return what the gate raised, however an SDK wrapped it; None if the gate raised nothing."""
    at: BaseException | None = error
    while at is not None:
        if isinstance(at, Outcome):
            return at
        at = at.__cause__ or at.__context__
    return None


@contextmanager
def outcome_of(judge: Callable[[Exception], Exception]) -> Iterator[None]:
    """Raise what the gate raised in this block, of any other error what `judge` makes of it.

    What `judge` does not know it returns as it is.
    """
    try:
        yield
    except Exception as error:
        meant = raised(error) or judge(error)
        if meant is error:
            raise
        raise meant from error
