"""What R2 says of its objects when it is asked: one of them, or all under the prefixes."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any

from botocore.exceptions import ClientError

from integrations.interface import Snapshot
from integrations.r2.client import MISSING, bucket, calling, client, code
from integrations.r2.webhook import mirrored, reference
from integrations.schema import JSON
from settings import settings

_ONLY_OF_ITSELF = {
    "contentType": "ContentType",
    "contentEncoding": "ContentEncoding",
    "cacheControl": "CacheControl",
}


def head(bucket: str, key: str) -> Snapshot:
    """Return what R2 says of an object now, or that it is gone. Raises Transient, Permanent.

    Its clock is the answer's Date, less how long that took: R2 knew it not earlier than that.
    """
    begun = monotonic()
    with calling("HeadObject"):
        try:
            answer: Any = client().head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if code(error) not in MISSING:
                raise
            gone = _date(error.response, monotonic() - begun)
            return _snapshot(reference(bucket, key), gone, "fetch", gone_at=gone)
    at = _date(answer, monotonic() - begun)
    told = {name: answer[theirs] for name, theirs in _ONLY_OF_ITSELF.items() if theirs in answer}
    obj = _object(bucket, key, answer, answer["ContentLength"])
    return _snapshot(obj | told | {"metadata": answer.get("Metadata", {})}, at, "fetch")


def listed(prefix: str, after: str = "") -> Iterator[list[Snapshot]]:
    """Yield the objects of our bucket under a prefix, a page of up to 1000 at a time, by key.

    `after` is the key behind which to begin. The clock of what is listed is its last change: so it
    never stands above what was told later, and tells no types and no metadata: it is not `whole`.
    Raises Transient, Permanent.
    """
    name = bucket()
    pages = client().get_paginator("list_objects_v2")
    found = iter(pages.paginate(Bucket=name, Prefix=prefix, StartAfter=after))
    while True:
        with calling("ListObjectsV2"):
            page: Any = next(found, None)
        if page is None:
            return
        yield [_of_list(name, one) for one in page.get("Contents", []) if mirrored(one["Key"])]


def prefixes() -> tuple[str, ...]:
    """Return the prefixes whose objects are mirrored; one that is empty stands for all."""
    return settings().r2.r2_prefixes or ("",)


def _of_list(bucket: str, one: Mapping[str, Any]) -> Snapshot:
    return _snapshot(_object(bucket, one["Key"], one, one["Size"]), one["LastModified"], "sync")


def _object(bucket: str, key: str, said: Mapping[str, Any], size: int) -> JSON:
    changed = said["LastModified"].astimezone(UTC).isoformat()
    told = {"size": size, "eTag": said["ETag"].strip('"'), "lastModified": changed}
    storage = {"storageClass": said["StorageClass"]} if "StorageClass" in said else {}
    return reference(bucket, key) | told | storage


def _date(answer: Mapping[str, Any], seconds: float) -> datetime:
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    at = parsedate_to_datetime(headers["date"]) - timedelta(seconds=seconds)
    return at.replace(microsecond=0)


def _snapshot(obj: JSON, at: datetime, source: str, gone_at: datetime | None = None) -> Snapshot:
    clock = max(1, int(at.timestamp() * 1000))
    return Snapshot("object", obj, clock, source, gone_at=gone_at)
