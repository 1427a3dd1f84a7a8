"""How badly the simulated services behave: every dial can be turned while they run."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from simulator.text import JSON

Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0, le=3600)]


class BadDialError(ValueError):
    """There is no such dial, or it cannot be turned so far. Says which."""


class Dials(BaseModel):
    """Where they stand."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    drop: Share = Field(0, description="Share of webhooks that are never sent.")
    repeat: Share = Field(0, description="Share of webhooks that are sent twice.")
    reorder: int = Field(0, ge=0, description="The next webhook is any of so many.")
    delay: Seconds = Field(0, description="Each webhook waits up to so many seconds.")
    rotate: bool = Field(False, description="Sign with the old secret and the new one.")
    slow: Seconds = Field(0, description="An answer of an API takes up to so many seconds.")
    fail: Share = Field(0, description="Share of requests that are answered with 500.")
    throttle: Share = Field(0, description="Share of requests that are answered with 429.")
    rate: float = Field(0, ge=0, description="Requests a second before 429; 0 is any number.")
    retry_after: int = Field(1, ge=0, description="Seconds for which a 429 asks.")
    api_version: str = Field("", description="Stripe's version of webhooks and log, as 2024-06-20.")
    skew: float = Field(0, description="The services' clocks are so many seconds ahead.")

    def turn(self, to: Mapping[str, Any]) -> None:
        """Turn some dials, or none of them: raises BadDialError."""
        try:
            turned = Dials(**(self.model_dump() | dict(to)))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise BadDialError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
        for name in to:
            setattr(self, name, getattr(turned, name))

    def shown(self) -> JSON:
        """Return where each dial stands."""
        return self.model_dump()
