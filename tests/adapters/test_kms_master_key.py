"""A master key in KMS: what is sent there, and which of its refusals are for good."""

from __future__ import annotations

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from voiceline.adapters.kms_master_key import KmsMasterKey
from voiceline.errors import PermanentFailure, TemporaryFailure

ARN = "arn:aws:kms:us-east-1:111122223333:key/1234abcd"
NAME = "rec/3f1c/2026/11/RE0123.wav"
CONTEXT = {"voiceline:object": NAME}
KEY, WRAPPED = bytes(32), b"wrapped by KMS"


def test_a_data_key_is_wrapped_and_unwrapped_under_the_name_of_its_object(kms):
    wanted = {"KeyId": ARN, "EncryptionContext": CONTEXT}
    kms.add_response("encrypt", {"CiphertextBlob": WRAPPED}, {"Plaintext": KEY, **wanted})
    kms.add_response("decrypt", {"Plaintext": KEY}, {"CiphertextBlob": WRAPPED, **wanted})
    master = KmsMasterKey(kms.client, ARN)

    assert master.wrap(KEY, name=NAME) == WRAPPED
    assert master.unwrap(WRAPPED, name=NAME) == KEY


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        ("InvalidCiphertextException", PermanentFailure),
        ("AccessDeniedException", PermanentFailure),
        ("DisabledException", PermanentFailure),
        ("ThrottlingException", TemporaryFailure),
        ("KMSInternalException", TemporaryFailure),
    ],
)
def test_a_refusal_is_for_good_or_not(kms, code, failure):
    kms.add_client_error("decrypt", code)

    with pytest.raises(failure, match=code):
        KmsMasterKey(kms.client, ARN).unwrap(WRAPPED, name=NAME)


def test_kms_that_does_not_answer_may_later(monkeypatch, kms):
    def fail(**_):
        raise EndpointConnectionError(endpoint_url="https://kms")

    monkeypatch.setattr(kms.client, "encrypt", fail)

    with pytest.raises(TemporaryFailure, match="does not answer"):
        KmsMasterKey(kms.client, ARN).wrap(KEY, name=NAME)


def test_two_keys_have_two_ids(kms):
    ids = {KmsMasterKey(kms.client, arn).id for arn in (ARN, f"{ARN}e")}

    assert len(ids) == 2


@pytest.fixture
def kms():
    client = boto3.client(
        "kms", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="y"
    )
    with Stubber(client) as stubber:
        yield stubber
    client.close()
