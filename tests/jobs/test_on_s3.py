"""Expiry and the nightly comparison on a real S3 server whose bucket will not have it.

No audio is deleted early, none is called gone that is there, none is lost, and whoever must act is
told (reliability.md 29 to 31 and 54; s3.md 4).
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from clocks import travel
from examples.objects import sealed
from factories import make_derived, make_member, make_user, tone
from mailed import mails_to
from races import at_once
from servers.s3 import s3_server

from jobs import expire as expire_job
from jobs import strays as strays_job
from jobs.expire import expire
from jobs.strays import compare_store
from voiceline.adapters.s3_store import S3Store
from voiceline.intake import operator_code
from voiceline.models import AuditEntry, Stray, Voicemail
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.rules.retention import UNKNOWN_KEPT

pytestmark = pytest.mark.s3

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with s3_server(tmp_path_factory.mktemp("ceph") / "s3") as started:
        yield started


@pytest.fixture
def client(server):
    client = server.client()
    yield client
    client.close()


@pytest.fixture(params=["plain", "versioned", "lockable"])
def bucket(request, client):
    name = f"voiceline-{uuid4().hex}"
    client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=request.param == "lockable")
    if request.param == "versioned":
        client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


@pytest.fixture
def line(desk, client, bucket, tmp_path, monkeypatch):
    """The desk with its store in the bucket, and somebody at the operator."""
    keys = desk.services.store.keys
    store = sealed(S3Store(client, bucket))
    store.keys = keys
    object.__setattr__(desk.services, "store", store)
    with desk.services.sessions.begin() as session:
        olga = make_user(session, "Olga Olsen", email="olga@example.com")
        make_member(session, operator_code(session).business, olga)
    return desk


@pytest.fixture
def row(line):
    row = line.voicemail(store=line.services.store, due_at=None)
    with line.services.sessions.begin() as session:
        make_derived(session, session.get_one(Voicemail, row.id), line.services.store)
    return row


def left_in(client, bucket):
    """Answer all that the bucket has, every version of it."""
    found = client.list_object_versions(Bucket=bucket)
    return [each["Key"] for each in (*found.get("Versions", []), *found.get("DeleteMarkers", []))]


def go_to(line, monkeypatch, at):
    travel(monkeypatch, line.services.sessions, at)
    monkeypatch.setattr(strays_job, "now", lambda: at)


def test_it_stays_to_its_last_second_and_leaves_no_version(line, row, client, bucket, monkeypatch):
    last = line.now(row).expires_at
    go_to(line, monkeypatch, last)
    expire()
    kept = left_in(client, bucket)

    go_to(line, monkeypatch, last + SECOND)
    expire()

    assert len(kept) == 2
    assert left_in(client, bucket) == []
    assert line.now(row).status == VoicemailStatus.EXPIRED


def test_a_bucket_that_refuses_deletion_is_told_of_and_tried_again(
    line, row, client, bucket, monkeypatch
):
    last = line.now(row).expires_at
    deny(client, bucket, "s3:DeleteObject", "s3:DeleteObjectVersion")
    for later in (SECOND, 2 * HOUR):
        go_to(line, monkeypatch, last + later)
        expire()
    between, told = line.now(row).status, mails_to(line.services, "olga@example.com")

    client.delete_bucket_policy(Bucket=bucket)
    expire()

    assert between == VoicemailStatus.STORED
    assert [mail["Subject"] for mail in told] == ["Voicemails that have expired cannot be deleted"]
    assert line.now(row).status == VoicemailStatus.EXPIRED
    assert left_in(client, bucket) == []


@pytest.mark.parametrize("bucket", ["lockable"], indirect=True)
def test_a_locked_object_is_never_called_gone(line, row, client, bucket, monkeypatch):
    last, key = line.now(row).expires_at, f"{line.now(row).object_key}.sealed"
    hold(client, bucket, key, "ON")
    for later in (SECOND, 2 * HOUR):
        go_to(line, monkeypatch, last + later)
        expire()
    between, told = line.now(row).status, mails_to(line.services, "olga@example.com")

    hold(client, bucket, key, "OFF")
    expire()

    assert (between, len(told)) == (VoicemailStatus.STORED, 1)
    assert line.now(row).status == VoicemailStatus.EXPIRED
    assert left_in(client, bucket) == []


@pytest.mark.parametrize("bucket", ["plain"], indirect=True)
class TestAnOrdinaryBucket:
    def test_a_bucket_that_is_gone_loses_no_row_and_ends_none(
        self, line, row, client, bucket, monkeypatch
    ):
        line.recordings.media.clear()
        kept = line.services.store
        away = sealed(S3Store(client, f"absent-{uuid4().hex}"))
        away.keys = kept.keys
        object.__setattr__(line.services, "store", away)
        compare_store()
        go_to(line, monkeypatch, line.now(row).expires_at + SECOND)
        expire()
        between = line.now(row)
        object.__setattr__(line.services, "store", kept)
        expire()

        assert (between.status, between.missed_at) == (VoicemailStatus.STORED, None)
        assert line.now(row).status == VoicemailStatus.EXPIRED

    def test_denied_reading_is_no_loss(self, line, row, client, bucket):
        line.recordings.media.clear()
        deny(client, bucket, "s3:GetObject", "s3:ListBucket")

        compare_store()

        assert line.now(row).missed_at is None

    def test_killed_between_deletion_and_mark_it_is_marked_in_the_next_round(
        self, line, row, client, bucket, monkeypatch
    ):
        go_to(line, monkeypatch, line.now(row).expires_at + SECOND)
        with monkeypatch.context() as patched:
            patched.setattr(expire_job, "_mark", killed)
            with pytest.raises(KeyboardInterrupt):
                expire()
        between = line.now(row).status

        expire()

        assert (between, left_in(client, bucket)) == (VoicemailStatus.STORED, [])
        assert line.now(row).status == VoicemailStatus.EXPIRED

    def test_two_at_once_mark_it_once(self, line, row, client, bucket, monkeypatch):
        go_to(line, monkeypatch, line.now(row).expires_at + SECOND)

        failures = at_once([expire] * 2)

        gone = [each for each in line.rows(AuditEntry) if each.action == "voicemail.expired"]
        assert (failures, len(gone), left_in(client, bucket)) == ([], 1, [])

    def test_a_row_whose_object_somebody_deleted_is_mended(self, line, row, client, bucket):
        audio = line.services.store.get(line.now(row).object_key)
        line.recordings.media[row.carrier_id] = audio
        client.delete_object(Bucket=bucket, Key=f"{line.now(row).object_key}.sealed")

        compare_store()

        assert line.services.store.get(line.now(row).object_key) == audio
        assert line.now(row).missed_at is None

    def test_objects_without_a_row_are_found_over_pages_and_go_in_time(
        self, line, row, client, bucket, monkeypatch
    ):
        monkeypatch.setattr(strays_job, "PAGE", 1)
        for digit in "123":
            key = f"rec/{line.code.business_id}/2026/11/RE{digit * 32}.wav"
            line.services.store.put(key, tone(1.0), content_type="audio/x-wav", tags={})
        at = datetime.now(UTC)
        go_to(line, monkeypatch, at)
        compare_store()
        found = len(line.rows(Stray))

        go_to(line, monkeypatch, at + UNKNOWN_KEPT + DAY)
        compare_store()

        assert (found, line.rows(Stray)) == (3, [])
        assert len(left_in(client, bucket)) == 2


def killed(*_):
    raise KeyboardInterrupt


def hold(client, bucket, key, status):
    client.put_object_legal_hold(Bucket=bucket, Key=key, LegalHold={"Status": status})


def deny(client, bucket, *actions):
    names = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    said = {"Effect": "Deny", "Principal": "*", "Action": list(actions), "Resource": names}
    policy = {"Version": "2012-10-17", "Statement": [said]}
    client.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
