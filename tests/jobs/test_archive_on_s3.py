"""Copies into a real S3 server whose bucket has a policy: what arrives, and what it refuses.

Who may do what by which session is the strict AWS's of fakes/aws.py; what it lets through is put on
the server, whose own refusals it hands back.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from archives import OURS, PROBE, as_enterprise, copy_of, destination, key_of, run, stored
from botocore.exceptions import ClientError
from fakes.aws import fake_aws
from mailed import mails_to
from servers.s3 import s3_server

from voiceline import archive_copies

pytestmark = pytest.mark.s3

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with s3_server(tmp_path_factory.mktemp("ceph") / "s3") as started:
        yield started


@pytest.fixture
def client(server):
    client = server.client()
    yield client
    client.close()


@pytest.fixture
def bucket(client):
    """The enterprise's bucket on the server, which keeps versions."""
    name = f"acme-{uuid4().hex}"
    make(client, name)
    return name


def make(client, bucket):
    client.create_bucket(Bucket=bucket)
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})


@pytest.fixture
def aws(client, bucket):
    def keep(_bucket, key, data):
        answer = client.put_object(Bucket=bucket, Key=key, Body=data)
        return {"x-amz-version-id": answer["VersionId"]}

    with fake_aws(OURS) as made:
        made.keep = keep
        yield made


@pytest.fixture
def line(desk, aws):
    return as_enterprise(desk, aws)


def again(line):
    line.change(destination(line), due_at=NOW)
    run(line)


def versions(client, bucket):
    found = client.list_object_versions(Bucket=bucket).get("Versions", [])
    return [each["Key"] for each in found if each["Key"] != PROBE]


def say(client, bucket, effect, actions, resource):
    said = {"Effect": effect, "Principal": "*", "Action": actions, "Resource": resource}
    policy = {"Version": "2012-10-17", "Statement": [said]}
    client.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))


def test_what_arrives_is_what_was_stored(line, client, bucket):
    rows = [stored(line) for _ in range(20)]

    run(line)

    for row in rows:
        sound = client.get_object(Bucket=bucket, Key=key_of(row, "wav"))
        text = client.get_object(Bucket=bucket, Key=key_of(row, "json"))["Body"].read()
        digest = hashlib.sha256(sound["Body"].read()).hexdigest()
        assert digest == line.now(row).sha256 == copy_of(line, row).sha256
        assert json.loads(text)["sound"]["sha256"] == digest
        assert copy_of(line, row).version_id == sound["VersionId"]
    assert len(versions(client, bucket)) == 40


def test_run_again_nothing_is_put_again_and_a_new_record_alone(line, client, bucket):
    row = stored(line)
    run(line)
    again(line)
    between = versions(client, bucket)
    with line.services.sessions.begin() as session:
        archive_copies.owe_record(session, row.id, at=NOW)

    again(line)

    assert sorted(between) == sorted([key_of(row, "json"), key_of(row, "wav")])
    assert sorted(versions(client, bucket)) == sorted([*between, key_of(row, "json")])


def test_a_policy_that_denies_is_told_of_and_the_copies_resume_when_it_goes(line, client, bucket):
    row = stored(line)
    say(client, bucket, "Deny", "s3:PutObject", f"arn:aws:s3:::{bucket}/*")
    run(line)
    between, (mail,) = copy_of(line, row), mails_to(line.services, "alice@acme.example")

    client.delete_bucket_policy(Bucket=bucket)
    again(line)

    assert between.archived_at is None
    assert "access is denied" in mail.get_content()
    assert copy_of(line, row).archived_at is not None
    assert destination(line).failing_since is None


def test_a_policy_for_the_records_alone_takes_no_record_without_its_sound(line, client, bucket):
    row = stored(line)
    say(client, bucket, "Deny", "s3:PutObject", f"arn:aws:s3:::{bucket}/*.wav")

    run(line)

    assert versions(client, bucket) == []
    assert copy_of(line, row).archived_at is None


def test_a_bucket_that_is_gone_is_told_of_and_filled_when_it_is_back(line, client, bucket):
    row = stored(line)
    for each in client.list_object_versions(Bucket=bucket)["Versions"]:
        client.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])
    client.delete_bucket(Bucket=bucket)
    run(line)
    failing = destination(line).last_error

    make(client, bucket)
    again(line)

    assert "no such bucket" in failing
    assert copy_of(line, row).archived_at is not None


def test_a_put_that_arrived_and_timed_out_is_put_to_the_same_end(line, aws, client, bucket):
    row, keep = stored(line), aws.keep

    def keep_and_time_out(name, key, data):
        keep(name, key, data)
        raise ClientError(
            {
                "Error": {"Code": "RequestTimeout"},
                "ResponseMetadata": {"HTTPStatusCode": 500},
            },  # type: ignore[typeddict-item]
            "PutObject",
        )

    aws.keep = keep_and_time_out
    run(line)
    between = copy_of(line, row).archived_at
    aws.keep = keep
    again(line)

    assert between is None
    kept = client.list_object_versions(Bucket=bucket, Prefix=key_of(row, "wav"))["Versions"]
    assert len({each["ETag"] for each in kept}) == 1
    assert copy_of(line, row).archived_at is not None
    assert mails_to(line.services, "alice@acme.example") == []
