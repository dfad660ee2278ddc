"""One S3 client a process, and what S3's errors mean to us.

Made from explicit arguments; without an access key, boto3 looks for the machine's role. Make it
after a fork, not before: its connections must not be shared.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
    TokenRetrievalError,
)

from voiceline.errors import MissingObjectError, PermanentFailure, SettingsError, TemporaryFailure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mypy_boto3_s3 import S3Client

AddressingStyle = Literal["auto", "path", "virtual"]
ChecksumMode = Literal["when_supported", "when_required"]

ATTEMPTS = 3
"""How often a client's call is tried in all, with growing pauses; the job's retries come after."""

MISSING = frozenset({"NoSuchKey", "NoSuchVersion", "404", "NotFound"})
PASSING = frozenset(
    {"SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout"}
    | {"ConditionalRequestConflict", "OperationAborted", "Throttling", "ThrottlingException"}
    | {"BadDigest", "IncompleteBody", "TooManyRequests", "429"}
)
CREDENTIALS = "check VOICELINE_S3_ACCESS_KEY_ID and _SECRET_ACCESS_KEY, or the role"
DENIED = (
    "the bucket denies this: check the policy of our user or role, and whose bucket it is "
    "(VOICELINE_S3_BUCKET_OWNER)"
)
ADVICE = {
    "AccessDenied": DENIED,
    "403": DENIED,
    "AllAccessDisabled": "the bucket's owner has closed it",
    "InvalidAccessKeyId": f"the access key is unknown: {CREDENTIALS}",
    "SignatureDoesNotMatch": f"the secret key is wrong: {CREDENTIALS}",
    "ExpiredToken": f"the session's token has expired: {CREDENTIALS}",
    "InvalidToken": f"the session's token is not valid: {CREDENTIALS}",
    "RequestTimeTooSkewed": "the clocks differ too much: set this machine's (NTP)",
    "NoSuchBucket": "there is no such bucket: check VOICELINE_S3_BUCKET",
    "PermanentRedirect": "the bucket is in another region: check VOICELINE_S3_REGION",
    "AuthorizationHeaderMalformed": "the region is wrong: check VOICELINE_S3_REGION",
    "IllegalLocationConstraintException": "the region is wrong: check VOICELINE_S3_REGION",
    "InvalidArgument": "the store does not accept a parameter: check the VOICELINE_S3_* settings",
    "NotImplemented": "the store lacks a part of S3 that is needed: see docs/operations.md",
    "MissingContentLength": "the store needs VOICELINE_S3_CHECKSUMS=when_required",
    "KMS.NotFoundException": "the encryption key is not there: check VOICELINE_S3_KMS_KEY_ID",
    "KMS.DisabledException": "the encryption key is switched off",
    "KMS.AccessDeniedException": "we may not use the encryption key: check its policy",
}
"""What to do about a refusal that no retry changes; the store's own words are not repeated."""

_OUR_MISTAKES = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
    TokenRetrievalError,
    NoRegionError,
)


def make_s3_client(
    *,
    endpoint_url: str | None = None,
    region: str = "us-east-1",
    access_key: str | None = None,
    secret_key: str | None = None,
    addressing_style: AddressingStyle = "auto",
    checksums: ChecksumMode = "when_supported",
    connect_timeout: float = 5,
    read_timeout: float = 30,
    max_connections: int = 20,
    owners: Mapping[str, str] | None = None,
) -> S3Client:
    """Answer a client with bounded time-outs (seconds) and retries.

    `checksums="when_required"` is for stores that are not AWS and choke on trailing CRC32
    checksums (over https they answer MissingContentLength). `owners` says by bucket which account
    it belongs to: each call names it, and is refused where the bucket is another's by now.
    """
    if bool(access_key) != bool(secret_key):
        raise SettingsError("an S3 access key and its secret come together: set both or neither")
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": addressing_style},
        connect_timeout=connect_timeout,
        read_timeout=read_timeout,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        request_checksum_calculation=checksums,
        response_checksum_validation=checksums,
        max_pool_connections=max_connections,
        tcp_keepalive=True,
    )
    try:
        client = boto3.session.Session().client(
            "s3",
            endpoint_url=endpoint_url or None,
            region_name=region,
            aws_access_key_id=access_key or None,
            aws_secret_access_key=secret_key or None,
            config=config,
        )
    except (ValueError, BotoCoreError) as error:
        raise SettingsError(
            "the S3 client cannot be made: check VOICELINE_S3_ENDPOINT_URL and VOICELINE_S3_REGION"
        ) from error
    client.meta.events.register("provide-client-params.s3", partial(_name_owner, owners or {}))
    return client


def _name_owner(owners: Mapping[str, str], params: dict[str, Any], **_: object) -> None:
    """Name the owner of the bucket, as every call of ours may (AWS, "Verifying ownership")."""
    if owner := owners.get(str(params.get("Bucket"))):
        params["ExpectedBucketOwner"] = owner


@contextmanager
def s3_errors() -> Iterator[None]:
    """Translate boto3's errors into ours by the tables above."""
    try:
        yield
    except ClientError as error:
        raise _failure(error) from error
    except _OUR_MISTAKES as error:
        raise PermanentFailure(f"no usable S3 credentials: {CREDENTIALS}") from error
    except ParamValidationError as error:
        raise PermanentFailure("boto3 refuses the request's parameters") from error
    except BotoCoreError as error:
        raise TemporaryFailure(
            f"the object store cannot be reached: {type(error).__name__}"
        ) from error


def code_of(error: ClientError) -> str:
    """Answer S3's error code; some stores leave it out, and HEAD has only the status."""
    return str(error.response.get("Error", {}).get("Code") or status_of(error))


def status_of(error: ClientError) -> int:
    """Answer the HTTP status of the refusal, or 0 when there is none."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)


def _failure(error: ClientError) -> MissingObjectError | PermanentFailure | TemporaryFailure:
    code, status = code_of(error), status_of(error)
    if code in MISSING:
        return MissingObjectError("the object store has no such object")
    if code in ADVICE:
        return PermanentFailure(ADVICE[code])
    if code in PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return TemporaryFailure(f"the object store answered {status} ({code})")
    return PermanentFailure(f"the object store refused with {status} ({code})")
