"""The clients of an enterprise's archive as the settings make them, against a strict AWS."""

from __future__ import annotations

import pytest
from archives import OURS, THEIRS, TO
from fakes.aws import Bucket, Role, fake_aws

from voiceline import archive_proofs
from voiceline.adapters.archive_clients import make_archive_sessions
from voiceline.bootstrap import make_archives
from voiceline.errors import ArchiveRefusal, PermanentFailure, SettingsError
from voiceline.ports import ArchivePlace
from voiceline.rules.archive import as_text, permission_policy, trust_policy
from voiceline.settings import load_settings

EXTERNAL = "voiceline-0123"
PLACE = ArchivePlace(
    role_arn=TO.role_arn,
    bucket=TO.bucket,
    region=TO.region,
    prefix=TO.prefix,
    owner=THEIRS,
    kms_key="",
    policy=as_text(permission_policy(TO)),
    session_seconds=3600,
)


@pytest.fixture
def aws():
    with fake_aws(OURS) as made:
        made.roles[TO.role_arn] = Role(trust_policy(OURS, EXTERNAL), permission_policy(TO))
        made.buckets[TO.bucket] = Bucket(THEIRS, TO.region)
        yield made


def settings_of(aws, **more):
    named = {
        "account": OURS,
        "access_key_id": aws.access_key,
        "secret_access_key": aws.secret_key,
        "endpoint_url": aws.url,
    } | more
    return {f"VOICELINE_ARCHIVE_{name.upper()}": text for name, text in named.items()}


@pytest.fixture
def made(aws, tmp_path):
    def make(**more):
        environ = settings_of(aws, **more) | {"VOICELINE_DATA_DIR": str(tmp_path)}
        return make_archives(load_settings(environ))

    return make


def test_what_the_settings_make_holds_every_proof(aws, made):
    proofs = archive_proofs.prove(made(), PLACE, EXTERNAL)

    assert [each.held for each in proofs] == [True] * 6


def test_without_an_account_there_is_none(made):
    assert made(account="") is None


def test_an_account_has_twelve_digits(made):
    with pytest.raises(SettingsError, match="VOICELINE_ARCHIVE_ACCOUNT"):
        made(account="1234")


def test_half_a_key_is_refused(made):
    with pytest.raises(SettingsError, match="come together"):
        made(secret_access_key="")


@pytest.mark.parametrize("key", [{"secret_access_key": "wrong"}, {"access_key_id": "AKIANOBODY"}])
def test_a_key_of_ours_that_is_refused_is_not_the_enterprises_to_mend(made, key):
    with pytest.raises(PermanentFailure, match="operator's own key") as refused:
        made(**key).assume(PLACE, EXTERNAL)

    assert not isinstance(refused.value, ArchiveRefusal)


def test_no_key_at_all_is_not_the_enterprises_to_mend(aws, monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    sessions = make_archive_sessions(
        region="us-east-1", access_key=None, secret_key=None, endpoint_url=aws.url
    )

    with pytest.raises(PermanentFailure, match="operator's own key"):
        sessions.assume(PLACE, EXTERNAL)
