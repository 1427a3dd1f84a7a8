"""The lists that Stripe embeds in its objects."""

from typing import Generic, TypeVar

from pydantic import model_validator

from integrations.schema import Shape

Member = TypeVar("Member")


class Listed(Shape, Generic[Member]):
    """A list in an object: of more than ten members the first ten, and null or {} if not told.

    `has_more` says that it was cut short (https://docs.stripe.com/api/pagination); old API versions
    leave it out where it was not, and some tell how many there are, in `total_count` or `count`.
    """

    data: list[Member] | None = None
    has_more: bool | None = False
    total_count: int | None = None
    count: int | None = None

    @property
    def told(self) -> list[Member]:
        """Return the members that are told."""
        return self.data or []

    @property
    def whole(self) -> bool:
        """Return whether these are all: one that is not told counts as cut short."""
        there_are = max(self.total_count or 0, self.count or 0)
        return self.data is not None and self.has_more is False and there_are <= len(self.data)

    @model_validator(mode="before")
    @classmethod
    def _nothing(cls, value: object) -> object:
        return {} if value is None else value
