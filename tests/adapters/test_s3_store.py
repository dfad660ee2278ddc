"""S3Store on a real server, and on one that fails on demand."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager

import pytest
from examples.objects import AUDIO, KEY, put
from fakes.s3_faults import BUCKET, faulty_s3

from voiceline.adapters.s3_client import make_s3_client
from voiceline.adapters.s3_store import S3Store
from voiceline.errors import ObjectConflictError, PermanentFailure, TemporaryFailure

SECRET = "a-secret-key"


@pytest.mark.s3
class TestRealS3:
    def test_deleting_removes_every_version(self, client, bucket):
        store = S3Store(client, bucket)
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        put(store)
        client.put_object(Bucket=bucket, Key=KEY, Body=b"second")
        client.delete_object(Bucket=bucket, Key=KEY)

        store.delete(KEY)

        left = client.list_object_versions(Bucket=bucket)
        assert not left.get("Versions")
        assert not left.get("DeleteMarkers")

    def test_an_object_encrypted_with_a_key_is_read_back(self, client, bucket):
        store = S3Store(client, bucket, encryption="aws:kms", kms_key_id="voiceline-test-key")

        stored = put(store)

        head = client.head_object(Bucket=bucket, Key=KEY)
        assert stored.size == len(AUDIO)
        assert head["SSEKMSKeyId"] == "voiceline-test-key"

    def test_type_and_hash_travel_with_the_object(self, client, bucket):
        put(S3Store(client, bucket))

        head = client.head_object(Bucket=bucket, Key=KEY)

        assert head["ContentType"] == "audio/x-wav"
        assert head["Metadata"] == {"sha256": hashlib.sha256(AUDIO).hexdigest()}

    @pytest.mark.parametrize("checksums", ["when_supported", "when_required"])
    def test_both_checksum_modes_store(self, s3, bucket, checksums):
        client = s3.client(checksums=checksums)

        stored = put(S3Store(client, bucket, encryption="AES256"))

        client.close()
        assert stored.size == len(AUDIO)

    @pytest.mark.parametrize(
        ("facts", "advice"),
        [({"secret_key": "wrong"}, "secret key"), ({"access_key": "who"}, "access key")],
    )
    def test_refused_keys_say_what_to_check(self, s3, bucket, facts, advice):
        client = s3.client(**facts)

        with pytest.raises(PermanentFailure, match=advice):
            put(S3Store(client, bucket))

        client.close()

    def test_an_absent_bucket_says_what_to_check(self, client):
        with pytest.raises(PermanentFailure, match="VOICELINE_S3_BUCKET"):
            put(S3Store(client, "voiceline-nobody"))


def test_half_kept_audio_is_deleted_for_the_next_try(faults, faulty_store):
    faults.truncate_to = 1000

    with pytest.raises(TemporaryFailure, match="other bytes"):
        put(faulty_store)

    assert faults.objects == {}
    faults.truncate_to = None
    assert put(faulty_store).size == len(AUDIO)


def test_half_kept_audio_of_a_dead_worker_is_replaced(faults, faulty_store):
    put(faulty_store)
    faults.objects[KEY].body = AUDIO[:1000]

    with pytest.raises(TemporaryFailure):
        put(faulty_store)

    assert put(faulty_store).size == len(AUDIO)


def test_damage_found_by_the_checksum_is_replaced(faults, faulty_store):
    put(faulty_store)
    faults.objects[KEY].headers["x-amz-checksum-sha256"] = "AAAA"

    with pytest.raises(TemporaryFailure, match="other bytes"):
        put(faulty_store)

    assert faults.objects == {}


def test_another_writers_bytes_are_never_deleted(faults, faulty_store):
    put(faulty_store, b"theirs")

    with pytest.raises(ObjectConflictError):
        put(faulty_store)

    assert faults.objects[KEY].body == b"theirs"


@pytest.mark.parametrize("failures", [1, 2])
def test_a_passing_failure_is_tried_again_at_once(faults, faulty_store, failures):
    faults.refusals = [(500, "InternalError")] * failures

    stored = put(faulty_store)

    assert stored.size == len(AUDIO)


@pytest.mark.parametrize(
    ("status", "code"),
    [(500, "InternalError"), (503, "SlowDown"), (502, ""), (409, "OperationAborted")],
)
def test_a_store_that_stays_down_is_temporary(faults, faulty_store, status, code):
    faults.refusals = [(status, code)] * 9

    with pytest.raises(TemporaryFailure):
        put(faulty_store)

    assert len(faults.requests) == 3


@pytest.mark.parametrize(
    ("status", "code", "advice"),
    [
        (403, "AccessDenied", "policy"),
        (403, "InvalidAccessKeyId", "access key"),
        (403, "RequestTimeTooSkewed", "clock"),
        (400, "ExpiredToken", "expired"),
        (404, "NoSuchBucket", "VOICELINE_S3_BUCKET"),
        (501, "NotImplemented", "lacks"),
        (418, "", "418"),
    ],
)
def test_a_refusal_is_parked_with_advice(faults, faulty_store, status, code, advice):
    faults.refusals = [(status, code)] * 9

    with pytest.raises(PermanentFailure, match=advice):
        put(faulty_store)

    assert faults.objects == {}


def test_a_conflicting_write_is_waited_out(faults, faulty_store):
    faults.refusals = [(409, "ConditionalRequestConflict")]

    stored = put(faulty_store)

    assert stored.size == len(AUDIO)


def test_an_answer_that_never_came_makes_one_object(faults):
    faults.hang_up, faults.answer_after = 1, 1.5
    with _store_on(faults, read_timeout=0.5) as store:
        stored = put(store)

    puts = [method for method, _ in faults.requests if method == "PUT"]
    assert stored.size == len(AUDIO)
    assert len(puts) == 2
    assert list(faults.objects) == [KEY]


def test_an_object_deleted_meanwhile_is_temporary(faults, faulty_store):
    put(faulty_store)
    faults.refusals = [(412, "PreconditionFailed"), (404, "")]

    with pytest.raises(TemporaryFailure, match="deleted"):
        put(faulty_store)


def test_an_object_accepted_but_absent_is_temporary(faults, faulty_store):
    faults.refusals = [None, (404, "NoSuchKey")]

    with pytest.raises(TemporaryFailure, match="accepted"):
        put(faulty_store)

    assert put(faulty_store).size == len(AUDIO)


def test_a_trickling_download_ends_at_its_deadline(faults):
    with _store_on(faults) as store:
        put(store)
    faults.drip = 0.05

    with _store_on(faults, transfer_timeout=0.1) as store, pytest.raises(TemporaryFailure):
        store.get(KEY)


def test_an_upload_ends_at_its_deadline(faults):
    with _store_on(faults, transfer_timeout=-1) as store, pytest.raises(TemporaryFailure):
        put(store)

    assert faults.objects == {}


def test_a_store_that_is_not_there_is_temporary():
    with faulty_s3() as gone:
        pass

    with _store_on(gone) as store, pytest.raises(TemporaryFailure, match="reached"):
        put(store)


@pytest.mark.parametrize(
    ("facts", "sent"),
    [
        ({"encryption": "none"}, (None, None)),
        ({"encryption": "AES256"}, ("AES256", None)),
        ({"encryption": "aws:kms"}, ("aws:kms", None)),
        ({"encryption": "aws:kms", "kms_key_id": "k"}, ("aws:kms", "k")),
    ],
)
def test_encryption_is_asked_for_as_it_is_set(faults, facts, sent):
    with _store_on(faults, **facts) as store:
        put(store)

    headers = {name.lower(): value for name, value in faults.headers[0].items()}
    assert headers.get("x-amz-server-side-encryption") == sent[0]
    assert headers.get("x-amz-server-side-encryption-aws-kms-key-id") == sent[1]


def test_retagging_neither_copies_nor_rewrites(faults, faulty_store):
    put(faulty_store)

    faulty_store.retag(KEY, {"tier": "enterprise"})

    # A copy, or a second put, would be a new object whose age starts again.
    assert faults.requests[-1] == ("PUT", f"{KEY}?tagging")
    assert "X-Amz-Copy-Source" not in faults.headers[-1]
    assert faults.objects[KEY].body == AUDIO


def test_a_refusal_does_not_repeat_the_secret(faults, faulty_store):
    faults.refusals = [(403, "SignatureDoesNotMatch")] * 9

    with pytest.raises(PermanentFailure) as failure:
        put(faulty_store)

    assert SECRET not in str(failure.value)


class TestWhoseBucketItIs:
    def test_a_bucket_that_is_anothers_by_now_gets_nothing_and_gives_nothing(self, faults):
        faults.owner = "999999999999"

        with _store_on(faults, owners={BUCKET: "111122223333"}) as store:
            deeds = (
                lambda: put(store),
                lambda: store.get(KEY),
                lambda: store.size(KEY),
                lambda: store.tags(KEY),
                lambda: store.retag(KEY, {"tier": "enterprise"}),
                lambda: store.delete(KEY),
                lambda: store.listed("rec/", after="", limit=9),
            )
            for deed in deeds:
                with pytest.raises(PermanentFailure, match="whose bucket it is"):
                    deed()

        assert not faults.objects

    def test_every_call_names_the_owner(self, faults):
        faults.owner = "111122223333"

        with _store_on(faults, owners={BUCKET: faults.owner}) as store:
            put(store)
            store.delete(KEY)

        assert {each.get("X-Amz-Expected-Bucket-Owner") for each in faults.headers} == {
            faults.owner
        }

    def test_a_bucket_whose_owner_is_not_known_is_not_asked_about(self, faults):
        with _store_on(faults, owners={"another": "111122223333", BUCKET: ""}) as store:
            put(store)

        assert not [each for each in faults.headers if "X-Amz-Expected-Bucket-Owner" in each]


@contextmanager
def _store_on(faults, read_timeout=5, owners=None, **facts):
    client = make_s3_client(
        endpoint_url=faults.endpoint,
        access_key="access",
        secret_key=SECRET,
        addressing_style="path",
        read_timeout=read_timeout,
        owners=owners,
    )
    yield S3Store(client, BUCKET, **facts)
    client.close()


@pytest.fixture
def faults():
    with faulty_s3() as faults:
        yield faults


@pytest.fixture
def faulty_store(faults):
    with _store_on(faults) as store:
        yield store
