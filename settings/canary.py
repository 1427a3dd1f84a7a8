"""How dead letters are tried again in steps."""

from pydantic import Field

from settings.group import Group


class Canary(Group):
    """Redrives in steps: how fast, when they halt, and how long a letter may take to be mended."""

    canary_per_second: float = Field(10, gt=0, le=1000)
    canary_halt_percent: float = Field(10, ge=0, le=100)
    canary_patience_seconds: float = Field(60, ge=0)
