"""What R2 says: the notifications in a Queue, and an object as these, HEAD and a list tell of it.

https://developers.cloudflare.com/r2/buckets/event-notifications/
https://developers.cloudflare.com/r2/platform/event-subscriptions/
"""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from integrations.schema import BigInt, Id, Resource, SecondsOrISO, Shape

LONGEST_KEY = 1024  # bytes: https://developers.cloudflare.com/r2/platform/limits/


def _fits(value: str) -> str:
    if not 0 < len(value.encode()) <= LONGEST_KEY:
        raise ValueError("is no key of 1 to 1024 bytes")
    return value


def _names_an_object(value: str) -> str:
    bucket, _, key = value.partition("/")
    if not bucket:
        raise ValueError("names no bucket")
    return f"{bucket}/{_fits(key)}"


Bucket = Annotated[str, StringConstraints(min_length=1, max_length=63, pattern="^[^/]+$")]
Key = Annotated[str, AfterValidator(_fits)]


class Reference(Resource):
    """Which object: the bucket's name, which has no slash, and the key."""

    id: Annotated[str, AfterValidator(_names_an_object)]


class StoredObject(Reference):
    """An object. A notification knows only size and ETag; a listing no type and no metadata."""

    bucket: Bucket
    key: Key
    size: BigInt | None = None
    etag: str | None = Field(None, validation_alias="eTag")
    content_type: str | None = Field(None, validation_alias="contentType")
    content_encoding: str | None = Field(None, validation_alias="contentEncoding")
    cache_control: str | None = Field(None, validation_alias="cacheControl")
    custom_metadata: dict[str, str] | None = Field(None, validation_alias="metadata")
    storage_class: str | None = Field(None, validation_alias="storageClass")
    last_modified: SecondsOrISO | None = Field(None, validation_alias="lastModified")

    @property
    def whole(self) -> bool:
        """Return False of a listed object: only the object itself tells the rest."""
        return self.last_modified is None or self.custom_metadata is not None


class Told(Shape):
    """What a notification says of the object; size and ETag are absent when it was deleted."""

    key: Key
    etag: str | None = Field(None, validation_alias="eTag")


class Notification(Shape):
    """A message that R2 puts into a Queue. It has no id."""

    action: Id
    bucket: Bucket
    object: Told
    event_time: SecondsOrISO = Field(validation_alias="eventTime")


class Times(Shape):
    """When something else happened that the same Queue may tell of."""

    event_timestamp: SecondsOrISO = Field(validation_alias="eventTimestamp")


class OtherEvent(Shape):
    """An event of a subscription, such as cf.r2.bucket.created."""

    type: Id
    metadata: Times
