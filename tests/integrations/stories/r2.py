"""What R2 tells of an object, and what must stand of it. Keys are used again."""

from simulator import r2
from tallyman.testing.conformance import Said, Story
from tallyman.testing.conformance.subject import CREATED

ID = "example-bucket/uploads/Example.png"


def _stored(tag, **fields):
    return r2.stored(size=len(tag), eTag=tag, **fields)


GONE = r2.removed("uploads/Example.png")

REPLACED = Story(
    said=[
        Said("PutObject", _stored("a"), 0),
        Said("CompleteMultipartUpload", _stored("bb"), 1),
        Said("CopyObject", _stored("ccc"), 2),
        Said("DeleteObject", GONE, 3),
    ],
    ends={
        "r2_objects": {
            ID: {
                "bucket": "example-bucket",
                "key": "uploads/Example.png",
                "size": 3,
                "etag": "ccc",
                "content_type": None,
                "clock": (CREATED + 2) * 1000,
                "source": "webhook",
                "deleted_at": CREATED + 3,
                "refetch_at": None,
            }
        }
    },
)
AGAIN = Story(
    said=[
        Said("PutObject", _stored("a"), 0),
        Said("LifecycleDeletion", GONE, 1),
        Said("PutObject", _stored("bb"), 2),
        Said("DeleteObject", GONE, 3),
        Said("PutObject", _stored("ccc"), 4),
    ],
    ends={
        "r2_objects": {
            ID: {"size": 3, "etag": "ccc", "clock": (CREATED + 4) * 1000, "deleted_at": None}
        }
    },
)
LAST_DELETED = Story(
    said=[
        Said("DeleteObject", GONE, 1),
        Said("PutObject", _stored("a"), 2),
        Said("DeleteObject", GONE, 3),
        Said("PutObject", _stored("bb"), 4),
        Said("LifecycleDeletion", GONE, 5),
    ],
    ends={"r2_objects": {ID: {"etag": "bb", "deleted_at": CREATED + 5}}},
)
AT_ONCE = Story(
    said=[
        Said("PutObject", _stored("a"), 0),
        Said("DeleteObject", GONE, 1),
        Said("PutObject", _stored("bb"), 1),
    ],
    ends={"r2_objects": {ID: {"etag": "bb", "deleted_at": CREATED + 1}}},
)
ONLY_DELETED = Story(
    said=[Said("DeleteObject", GONE, 0), Said("LifecycleDeletion", GONE, 5)],
    ends={"r2_objects": {ID: {"data": None, "clock": 0, "deleted_at": CREATED + 5}}},
)

STORIES = {
    "an object is replaced and deleted": REPLACED,
    "a key is used again after it was deleted": AGAIN,
    "a key is used again and deleted once more": LAST_DELETED,
    "an object is stored in the moment in which it was deleted": AT_ONCE,
    "of an object only its end is told": ONLY_DELETED,
}
