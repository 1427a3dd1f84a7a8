"""Finds the wheels that carry servers, without running any of their code."""

from importlib.util import find_spec
from pathlib import Path


def wheel(package: str) -> list[Path]:
    """Return the folders of an installed package: none when it is not installed."""
    found = find_spec(package)
    return [Path(place) for place in (found and found.submodule_search_locations) or ()]
