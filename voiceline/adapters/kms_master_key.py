"""A master key that never leaves AWS KMS: it wraps and unwraps there, under a context.

Permissions: kms:Encrypt and kms:Decrypt. The key policy can demand the context, and CloudTrail
writes it down: the name of the object, in which there is nothing of who called.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from voiceline.adapters.master_keys import ID_DIGITS
from voiceline.errors import PermanentFailure, TemporaryFailure

if TYPE_CHECKING:
    from collections.abc import Iterator

FOR_GOOD = frozenset(
    {
        "AccessDeniedException",
        "DisabledException",
        "IncorrectKeyException",
        "InvalidCiphertextException",
        "InvalidKeyUsageException",
        "KMSInvalidStateException",
        "NotFoundException",
    }
)


class KmsMasterKey:
    """A MasterKey by its ARN."""

    def __init__(self, client: Any, arn: str) -> None:
        self._client = client
        self._arn = arn
        self.id = hashlib.sha256(b"voiceline/master-key-id\0" + arn.encode()).hexdigest()[
            :ID_DIGITS
        ]

    def wrap(self, key: bytes, *, name: str) -> bytes:
        with _kms_errors():
            answer = self._client.encrypt(
                KeyId=self._arn, Plaintext=key, EncryptionContext={"voiceline:object": name}
            )
        wrapped: bytes = answer["CiphertextBlob"]
        return wrapped

    def unwrap(self, wrapped: bytes, *, name: str) -> bytes:
        with _kms_errors():
            answer = self._client.decrypt(
                KeyId=self._arn,
                CiphertextBlob=wrapped,
                EncryptionContext={"voiceline:object": name},
            )
        key: bytes = answer["Plaintext"]
        return key


def make_kms_client(arn: str) -> Any:
    """Answer a client for the key's own region, with the machine's own credentials."""
    region = arn.split(":")[3]
    limits = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard"})
    return boto3.client("kms", region_name=region, config=limits)


@contextmanager
def _kms_errors() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        failure = PermanentFailure if code in FOR_GOOD else TemporaryFailure
        raise failure(f"KMS refused: {code}") from error
    except BotoCoreError as error:
        raise TemporaryFailure(f"KMS does not answer ({type(error).__name__})") from error
