"""What a client is made from."""

from __future__ import annotations

import pytest

from voiceline.adapters.s3_client import make_s3_client
from voiceline.adapters.s3_store import S3Store
from voiceline.errors import PermanentFailure, SettingsError


@pytest.mark.parametrize(
    "facts", [{"access_key": "a"}, {"secret_key": "s"}, {"endpoint_url": "not an address"}]
)
def test_a_client_is_not_made_from_half_settings(facts):
    with pytest.raises(SettingsError):
        make_s3_client(**facts)


def test_a_machine_without_a_role_says_what_to_set(monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "absent"))
    client = make_s3_client(endpoint_url="http://127.0.0.1:9")

    with pytest.raises(PermanentFailure, match="VOICELINE_S3_ACCESS_KEY_ID"):
        S3Store(client, "voiceline").get("rec/a.wav")

    client.close()
