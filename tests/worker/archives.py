"""What the tests of the archive do: apply deliveries, let them be old, look into the bucket."""

from integrations.r2.client import client
from tests.worker.stories import drained, put
from worker import archive

OLD = "UPDATE events SET received_at = received_at - interval '40 days'"
SERVICES = ["stripe", "clerk"]


def run():
    return archive.run("r2.sync.archive", SERVICES)


def told(*deliveries, service="stripe"):
    put(*deliveries)
    drained(service)


def objects(bucket):
    found = client().list_objects_v2(Bucket=bucket).get("Contents", [])
    return [one["Key"] for one in found]


def content(bucket, key):
    return client().get_object(Bucket=bucket, Key=key)["Body"].read()


def bodies(ledger):
    return {id: row["body"] for id, row in ledger().items()}
