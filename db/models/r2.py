"""What we keep of Cloudflare R2: which objects are in its buckets."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from db.base import REUSED, Base, Mirrored


class StoredObject(Mirrored, Base):
    """An object in a bucket of R2, under one of the prefixes that R2_PREFIXES names.

    https://developers.cloudflare.com/r2/buckets/event-notifications/. A notification tells size
    and ETag; the other columns are null until the object itself was asked for. A key is used
    again: content that is newer than a deletion lifts it.
    """

    __tablename__ = "r2_objects"
    # text_pattern_ops answers `key LIKE 'uploads/%'` in every collation
    __table_args__ = (
        Index(None, "bucket", "key", postgresql_ops={"key": "text_pattern_ops"}),
        REUSED,
    )
    __describes__ = "object"
    __fetched__ = True
    id: Mapped[str] = mapped_column(primary_key=True, comment="object.id: <bucket>/<key>")
    bucket: Mapped[str | None]
    key: Mapped[str | None]
    size: Mapped[int | None] = mapped_column(comment="object.size, in bytes")
    etag: Mapped[str | None] = mapped_column(comment="object.eTag, without quotes")
    content_type: Mapped[str | None] = mapped_column(comment="object.contentType")
    content_encoding: Mapped[str | None] = mapped_column(comment="object.contentEncoding")
    cache_control: Mapped[str | None] = mapped_column(comment="object.cacheControl")
    custom_metadata: Mapped[dict[str, Any] | None] = mapped_column(
        comment="object.metadata: what was stored with it as x-amz-meta-..."
    )
    storage_class: Mapped[str | None] = mapped_column(comment="object.storageClass")
    last_modified: Mapped[datetime | None] = mapped_column(comment="object.lastModified")
