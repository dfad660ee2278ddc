"""What a client is made from."""

from __future__ import annotations

import pytest

from voiceline.adapters.s3_client import make_s3_client
from voiceline.adapters.s3_store import S3Store
from voiceline.errors import PermanentFailure, SettingsError
from voiceline.settings import load_settings


@pytest.mark.parametrize(
    "facts", [{"access_key": "a"}, {"secret_key": "s"}, {"endpoint_url": "not an address"}]
)
def test_a_client_is_not_made_from_half_settings(facts):
    with pytest.raises(SettingsError):
        make_s3_client(**facts)


@pytest.mark.parametrize("account", ["12345678901", "1234567890123", "my-account", " 12345678901x"])
@pytest.mark.parametrize("name", ["VOICELINE_S3_BUCKET_OWNER", "VOICELINE_KEYS_S3_BUCKET_OWNER"])
def test_an_owner_that_is_no_account_is_refused(name, account):
    with pytest.raises(SettingsError, match=f"{name} must be an account's 12 digits"):
        load_settings({name: account})


def test_a_machine_without_a_role_says_what_to_set(monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "absent"))
    client = make_s3_client(endpoint_url="http://127.0.0.1:9")

    with pytest.raises(PermanentFailure, match="VOICELINE_S3_ACCESS_KEY_ID"):
        S3Store(client, "voiceline").get("rec/a.wav")

    client.close()
