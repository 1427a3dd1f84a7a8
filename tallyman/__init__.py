"""The public face: the `tallyman` command, and what a team's own handlers import."""

from integrations.errors import Permanent, Transient
from integrations.interface import Event

__all__ = ["Event", "Permanent", "Transient"]
