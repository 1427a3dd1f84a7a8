"""The types of where a service sends its events, and of which. `ENDPOINTS = Endpoints(...)`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

ALL = "*"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that a service sends events of some types to, in the shapes of an API version.

    The secret is told once, when the endpoint is made.
    """

    id: str
    url: str
    enabled: bool
    types: Sequence[str]
    api_version: str | None = None
    secret: str | None = None

    def lacks(self, types: Sequence[str]) -> list[str]:
        """Return those of the types that it is not sent."""
        return [] if ALL in self.types else [t for t in types if t not in self.types]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """How a service's endpoints are looked at and mended. All raise as the gate does.

    `make` takes an address and types, `mend` an endpoint and all the types that it is to have: it
    is enabled again. Neither is sent anything but in `api_version`, which stays what it is.
    """

    api_version: str
    on: Callable[[], bool]
    listed: Callable[[], Sequence[Endpoint]]
    make: Callable[[str, Sequence[str]], Endpoint]
    mend: Callable[[Endpoint, Sequence[str]], Endpoint]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """What a service is to send. `types` are those of its events by the object that they tell of.

    `where` says where in its dashboard that is set; `keeping` is None where it is only there.
    """

    types: Mapping[str, Sequence[str]]
    where: str
    keeping: Keeping | None = None
