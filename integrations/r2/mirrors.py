"""What we keep of R2: one row for each object."""

from db.models.r2 import StoredObject
from integrations.interface import Mirror, Projection, Row
from integrations.r2 import schemas


def stored_object(o: schemas.StoredObject) -> Projection:
    """Project an object."""
    values = {
        "bucket": o.bucket,
        "key": o.key,
        "size": o.size,
        "etag": o.etag,
        "content_type": o.content_type,
        "content_encoding": o.content_encoding,
        "cache_control": o.cache_control,
        "custom_metadata": o.custom_metadata,
        "storage_class": o.storage_class,
        "last_modified": o.last_modified,
    }
    yield Row(StoredObject, o, values, whole=o.whole)


MIRRORS = {
    "object": Mirror(StoredObject, schemas.StoredObject, stored_object, schemas.Reference),
}
