"""R2 through boto3, and what its errors mean to us."""

from contextlib import AbstractContextManager
from functools import cache, partial
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from integrations import outbound
from integrations.errors import Permanent, Transient
from settings import settings
from settings.services import R2, Outbound

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MISSING = frozenset({"404", "NoSuchKey"})
"""The codes of what is not there; a HEAD has no body to say more (botocore: "404")."""
EXISTS = frozenset({"412", "PreconditionFailed"})
"""The codes of a put with `IfNoneMatch="*"` where something is already."""


def on() -> bool:
    """Return whether all that is needed to call R2 is set."""
    return settings().r2.reachable


def client() -> "S3Client":
    """Return the client of this process, for any thread. Raises Permanent where R2 is not set."""
    if not on():
        raise Permanent("R2 is not configured: set R2_ENDPOINT_URL and the two R2 keys")
    return _made(settings().r2, *_timeouts(settings().outbound))


def bucket() -> str:
    """Return the bucket that is ours. Raises Permanent where none is named."""
    if not (name := settings().r2.r2_bucket):
        raise Permanent("R2_BUCKET is not set")
    return name


def _timeouts(outbound: Outbound) -> tuple[float, float]:
    return outbound.call_connect_seconds, outbound.call_read_seconds


@cache
def _made(r2: R2, connect: float, read: float) -> "S3Client":
    """Return a client.

    R2 refuses the checksums that botocore adds by itself since 1.36, as if the keys were wrong
    (cloudflare-docs#19236). What fails is tried again by who asked, so never by botocore.
    """
    from boto3.session import Session  # noqa: PLC0415  takes most of a second; commands go without
    from botocore.config import Config  # noqa: PLC0415  see above

    config = Config(
        region_name="auto",
        signature_version="s3v4",
        connect_timeout=connect,
        read_timeout=read,
        max_pool_connections=20,
        retries={"mode": "standard", "total_max_attempts": 1},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    made = Session().client(
        "s3",
        endpoint_url=r2.r2_endpoint_url,
        aws_access_key_id=r2.r2_access_key_id.get_secret_value(),
        aws_secret_access_key=r2.r2_secret_access_key.get_secret_value(),
        config=config,
    )
    return outbound.guard(made, "r2")


def check_key() -> None:
    """Ask for the bucket's head, which changes nothing. Raises Permanent for wrong keys."""
    with calling("head_bucket"):
        client().head_bucket(Bucket=bucket())


def calling(what: str) -> AbstractContextManager[None]:
    """Return a block in which what goes wrong with a call is Transient, Permanent or Deferred."""
    return outbound.outcome_of(partial(_meant, what))


def code(error: ClientError) -> str:
    """Return R2's code of an error, such as NoSuchKey; a HEAD has only the status."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _meant(what: str, error: Exception) -> Exception:
    """Return what an error means that the gate let through: a refusal, or half an answer."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return Permanent(f"r2 {what} answered {status} {code(error)}".rstrip())
    if isinstance(error, ParamValidationError):
        return Permanent(f"r2 {what}: {type(error).__name__}")
    cut = isinstance(error, BotoCoreError | OSError)
    return Transient(f"r2 {what}: {type(error).__name__}") if cut else error
