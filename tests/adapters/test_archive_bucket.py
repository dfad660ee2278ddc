"""An enterprise's bucket under a strict AWS: trust, sessions that end, and nothing but puts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from fakes.aws import Bucket, Role, archive_sessions, fake_aws, refusal

from voiceline.errors import ArchiveRefusal, TemporaryFailure
from voiceline.ports import ArchivePlace
from voiceline.rules.archive import (
    SESSION_SECONDS,
    Destination,
    as_text,
    external_id,
    permission_policy,
    trust_policy,
)

OURS, THEIRS = "111111111111", "222222222222"
EXTERNAL = external_id(b"x" * 16)
THERE = Destination(
    f"arn:aws:iam::{THEIRS}:role/VoicelineArchive", "acme", "us-west-2", "voice/", ""
)
TO = ArchivePlace(
    role_arn=THERE.role_arn,
    bucket=THERE.bucket,
    region=THERE.region,
    prefix=THERE.prefix,
    owner=THERE.account,
    kms_key=THERE.kms_key,
    policy=as_text(permission_policy(THERE)),
    session_seconds=SESSION_SECONDS,
)
AUDIO = b"RIFF" + bytes(5000)


@pytest.fixture
def aws():
    with fake_aws(OURS) as made:
        made.roles[TO.role_arn] = Role(trust_policy(OURS, EXTERNAL), permission_policy(THERE))
        made.buckets["acme"] = Bucket(THEIRS, "us-west-2")
        yield made


@pytest.fixture
def sessions(aws):
    return archive_sessions(aws)


def put(sessions, to=TO, external=EXTERNAL):
    return sessions.bucket(to, external).put("RE1.wav", AUDIO, content_type="audio/wav")


def test_what_is_put_is_there_as_it_was_sent(aws, sessions):
    kept = put(sessions)

    assert aws.buckets["acme"].objects == {"voice/RE1.wav": AUDIO}
    assert (kept.key, kept.size) == ("voice/RE1.wav", len(AUDIO))


@pytest.mark.parametrize("given", [None, external_id(b"y" * 16), ""])
def test_without_the_external_id_nobody_gets_a_session(sessions, given):
    with pytest.raises(ArchiveRefusal, match=r"access is denied|cannot be asked"):
        sessions.assume(TO, given)


def test_a_role_that_trusts_another_account_gives_none(aws, sessions):
    aws.roles[TO.role_arn].trust = trust_policy("333333333333", EXTERNAL)

    with pytest.raises(ArchiveRefusal, match="access is denied"):
        sessions.assume(TO, EXTERNAL)


def test_a_session_serves_many_puts_and_ends_before_its_time(aws, sessions):
    for _ in range(3):
        put(sessions)
    once = aws.seen.count("AssumeRole")
    late = datetime.now(UTC) + timedelta(minutes=56)
    aws.clock = lambda: late

    put(sessions)

    assert (once, aws.seen.count("AssumeRole")) == (1, 2)


def test_a_session_that_is_over_passes_and_the_next_one_works(aws, sessions):
    put(sessions)
    aws.end_sessions()

    with pytest.raises(TemporaryFailure, match="was over"):
        put(sessions)
    sessions.forget(TO, EXTERNAL)

    assert put(sessions).size == len(AUDIO)


def test_a_session_may_neither_read_nor_list_though_the_role_may(aws, sessions):
    aws.roles[TO.role_arn].permissions = {
        "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::acme*"}]
    }
    put(sessions)
    bucket = sessions.bucket(TO, EXTERNAL)

    assert (bucket.may_read("RE1.wav"), bucket.may_list()) == (False, False)


def test_it_may_not_put_beside_the_prefix(aws, sessions):
    aside = replace(TO, prefix="voice/")
    bucket = sessions.bucket(aside, EXTERNAL)
    object.__setattr__(aside, "prefix", "other/")

    with pytest.raises(ArchiveRefusal, match="access is denied"):
        bucket.put("RE1.wav", AUDIO, content_type="audio/wav")
    assert aws.buckets["acme"].objects == {}


def test_a_bucket_that_is_somebody_elses_by_now_gets_nothing(aws, sessions):
    aws.buckets["acme"].owner = "444444444444"

    with pytest.raises(ArchiveRefusal, match="access is denied"):
        put(sessions)
    assert aws.buckets["acme"].objects == {}


def test_a_bucket_that_is_gone_is_told(aws, sessions):
    del aws.buckets["acme"]

    with pytest.raises(ArchiveRefusal, match="no such bucket"):
        put(sessions)


def test_a_bucket_that_moved_is_told(aws, sessions):
    aws.buckets["acme"].region = "eu-west-1"

    with pytest.raises(ArchiveRefusal, match="another region"):
        put(sessions)


def test_a_policy_that_is_taken_back_ends_what_a_session_may(aws, sessions):
    put(sessions)
    aws.roles[TO.role_arn].permissions = {"Statement": []}

    with pytest.raises(ArchiveRefusal, match="compare the role's policies"):
        put(sessions)


def test_what_is_not_encrypted_is_not_called_archived(aws, sessions):
    aws.buckets["acme"].encrypts = False

    with pytest.raises(ArchiveRefusal, match="did not encrypt"):
        put(sessions)


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (400, "KMS.DisabledException", "switched off"),
        (400, "KMS.NotFoundException", "key is not there"),
        (403, "KMS.AccessDeniedException", "kms:GenerateDataKey"),
        (418, "Teapot", r"refused with 418 \(Teapot\)"),
    ],
)
def test_what_the_owner_must_change_is_said_in_words(aws, sessions, status, code, said):
    aws.trouble = lambda action: refusal(status, code) if action == "PutObject" else None

    with pytest.raises(ArchiveRefusal, match=said):
        put(sessions)


@pytest.mark.parametrize(("status", "code"), [(503, "SlowDown"), (500, "InternalError")])
@pytest.mark.parametrize("where", ["AssumeRole", "PutObject"])
def test_what_passes_is_tried_again(aws, sessions, where, status, code):
    aws.trouble = lambda action: refusal(status, code) if action == where else None

    with pytest.raises(TemporaryFailure):
        put(sessions)
    aws.trouble = lambda _action: None

    assert put(sessions).size == len(AUDIO)
