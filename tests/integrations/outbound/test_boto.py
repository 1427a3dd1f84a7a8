"""boto3 goes through the gate."""

import os
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError

from integrations.errors import Blocked, Transient
from integrations.outbound import guard
from local.server import free_port


@pytest.fixture(scope="module")
def moto(tmp_path_factory):
    """An S3 of its own process."""
    port = free_port()
    log = (tmp_path_factory.mktemp("moto") / "log").open("wb")
    program = [
        str(Path(sys.executable).with_name("moto_server")),
        "-H",
        "127.0.0.1",
        "-p",
        str(port),
    ]
    with log, subprocess.Popen(program, stdout=log, stderr=log, env=os.environ) as process:
        yield f"http://127.0.0.1:{port}"
        process.terminate()


def s3(url):
    shape = Config(retries={"mode": "standard", "total_max_attempts": 3})
    made = boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="y",
        config=shape,
    )
    return guard(made, "r2")


def test_boto3_goes_through_the_gate(moto, told, until):
    until(lambda: _answers(moto))
    r2 = s3(moto)
    r2.create_bucket(Bucket="bodies")
    r2.put_object(Bucket="bodies", Key="jo@x.org/a", Body=b"a")
    assert r2.get_object(Bucket="bodies", Key="jo@x.org/a")["Body"].read() == b"a"
    with pytest.raises(ClientError, match="PreconditionFailed"):
        r2.put_object(Bucket="bodies", Key="jo@x.org/a", Body=b"b", IfNoneMatch="*")
    assert [(x["operation"], x["path"], x["status"], x["outcome"]) for x in told()] == [
        ("CreateBucket", "/bodies/*", 200, "ok"),
        ("PutObject", "/bodies/*", 200, "ok"),
        ("GetObject", "/bodies/*", 200, "ok"),
        ("PutObject", "/bodies/*", 412, "permanent"),
    ]


def _answers(url):
    try:
        return requests.get(url, timeout=5).ok
    except requests.RequestException:
        return False


def test_boto3_asks_nothing_while_the_breaker_is_open(sick, told):
    r2 = s3(sick.url)
    for bucket in ("half", "reset", "status"):
        with pytest.raises(Transient) as error:
            r2.put_object(Bucket=bucket, Key="500", Body=b"")
        assert error.value.unknown is True
    with pytest.raises(Blocked):
        r2.put_object(Bucket="ok", Key="500", Body=b"")
    assert len(sick.asked) == 3
    assert len(told()) == 4


def test_boto3_has_done_nothing_where_nobody_answers():
    with pytest.raises(Transient) as error:
        s3(f"http://127.0.0.1:{free_port()}").list_buckets()
    assert error.value.unknown is False
