"""Why a row is as it is, and what became of an event: read when it is asked, kept nowhere."""

from worker.why.events import Story, event
from worker.why.model import Why
from worker.why.places import AmbiguousError, UnknownError
from worker.why.rows import row

__all__ = ["AmbiguousError", "Story", "UnknownError", "Why", "event", "row"]
