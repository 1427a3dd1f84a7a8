"""What R2 says of its objects when it is asked: one of them, or all under the prefixes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from botocore.exceptions import ClientError

from integrations.interface import Snapshot
from integrations.outbound import begun
from integrations.r2.client import MISSING, bucket, calling, client, code
from integrations.r2.webhook import mirrored, reference
from integrations.schema import JSON
from integrations.syncs import FETCH, LIST
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
    began = monotonic()
    with calling("HeadObject"):
        try:
            answer: Any = client().head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if code(error) not in MISSING:
                raise
            gone = _date(error.response, began)
            return _snapshot(reference(bucket, key), gone, FETCH, gone_at=gone)
    at = _date(answer, began)
    told = {name: answer[theirs] for name, theirs in _ONLY_OF_ITSELF.items() if theirs in answer}
    obj = _object(bucket, key, answer, answer["ContentLength"])
    return _snapshot(obj | told | {"metadata": answer.get("Metadata", {})}, at, FETCH)


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a listing. `last` is the key behind which the next begins, None at the end.

    `begun` is as of integrations.syncs.Page.
    """

    snapshots: Sequence[Snapshot]
    last: str | None
    begun: int


def page(prefix: str, after: str = "") -> Listed:
    """Return up to 1000 objects of our bucket under a prefix, by key, from behind that of `after`.

    The clock of what is listed is its last change: so it never stands above what was told later,
    and tells no types and no metadata: it is not `whole`. Raises Transient, Permanent.
    """
    name, began = bucket(), monotonic()
    with calling("ListObjectsV2"):
        answer: Any = client().list_objects_v2(Bucket=name, Prefix=prefix, StartAfter=after)
    found = answer.get("Contents", [])
    last = found[-1]["Key"] if found and answer.get("IsTruncated") else None
    snapshots = [_of_list(name, one) for one in found if mirrored(one["Key"])]
    return Listed(snapshots, last, _begun(answer, began))


def prefixes() -> tuple[str, ...]:
    """Return the prefixes whose objects are mirrored; one that is empty stands for all."""
    return settings().r2.r2_prefixes or ("",)


def _of_list(bucket: str, one: Mapping[str, Any]) -> Snapshot:
    return _snapshot(_object(bucket, one["Key"], one, one["Size"]), one["LastModified"], LIST)


def _object(bucket: str, key: str, said: Mapping[str, Any], size: int) -> JSON:
    changed = said["LastModified"].astimezone(UTC).isoformat()
    told = {"size": size, "eTag": said["ETag"].strip('"'), "lastModified": changed}
    storage = {"storageClass": said["StorageClass"]} if "StorageClass" in said else {}
    return reference(bucket, key) | told | storage


def _begun(answer: Mapping[str, Any], began: float) -> int:
    return begun(answer["ResponseMetadata"]["HTTPHeaders"], monotonic() - began)


def _date(answer: Mapping[str, Any], began: float) -> datetime:
    return datetime.fromtimestamp(_begun(answer, began) / 1000, UTC)


def _snapshot(obj: JSON, at: datetime, source: str, gone_at: datetime | None = None) -> Snapshot:
    clock = max(1, int(at.timestamp() * 1000))
    return Snapshot("object", obj, clock, source, gone_at=gone_at)
