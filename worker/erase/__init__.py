"""Forget a person: what is kept of them in the tables, in the archive, and on its way."""

from worker.erase.people import Given, Person, UnknownPersonError, find
from worker.erase.returned import returned
from worker.erase.run import Outcome, WaitingError, erase, preview

__all__ = [
    "Given",
    "Outcome",
    "Person",
    "UnknownPersonError",
    "WaitingError",
    "erase",
    "find",
    "preview",
    "returned",
]
