"""The public face: the `tallyman` command, and what a team's own handlers import."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from integrations.effects import Effect
    from integrations.errors import Permanent, Transient
    from integrations.interface import Event

__all__ = ["Effect", "Event", "Permanent", "Transient"]

_PLACES = {
    "Effect": "integrations.effects",
    "Event": "integrations.interface",
    "Permanent": "integrations.errors",
    "Transient": "integrations.errors",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for: `tallyman --help` needs none of it, and SQLAlchemy takes long."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)
