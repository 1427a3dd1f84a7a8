"""What a service answered."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrations.errors import Transient


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered: its status, its headers (any case), its body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body's JSON.

        Raises Transient with `unknown`: it said that it did what it was asked, and that is all
        that is known. What is in between (a proxy's page, half a body) may be gone the next time.
        """
        try:
            return json.loads(self.body)
        except ValueError:
            raise Transient(f"answered {self.status} without JSON", unknown=True) from None
