"""An enterprise's own bucket, reached by a role of theirs for as long as a session of it lasts.

Every call names whose bucket it must be, sends the object's SHA-256 for S3 to compare, and asks for
encryption; nothing is followed to another region or account. A session may put below one prefix
and nothing else, whatever the role may do besides.
"""

from __future__ import annotations

import base64
import hashlib
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypedDict

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
)

from voiceline.adapters.s3_client import code_of, status_of
from voiceline.errors import ArchiveRefusal, PermanentFailure, TemporaryFailure
from voiceline.ports import ArchivedObject, ArchivePlace

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_s3 import S3Client

SESSION_NAME = "voiceline-archive"
MARGIN = timedelta(minutes=5)
"""A session is not used in its last minutes: a put that outlived it would fail half-way."""

SERVER_ERROR = 500
PASSING = frozenset({"SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout"}) | {
    *("Throttling", "ThrottlingException", "RequestLimitExceeded", "OperationAborted"),
}

REFUSALS = {
    "AccessDenied": "access is denied: compare the role's policies with those on the page",
    "403": "access is denied: compare the role's policies with those on the page",
    "NoSuchBucket": "there is no such bucket",
    "404": "there is no such bucket",
    "PermanentRedirect": "the bucket is in another region",
    "AuthorizationHeaderMalformed": "the bucket is in another region",
    "IllegalLocationConstraintException": "the bucket is in another region",
    "AllAccessDisabled": "the bucket's owner has closed it",
    "MalformedPolicyDocument": "AWS does not accept the session's policy: tell us",
    "RegionDisabledException": "AWS gives no sessions in that region: enable it in your account",
    "KMS.NotFoundException": "the encryption key is not there",
    "KMS.DisabledException": "the encryption key is switched off",
    "KMS.KMSInvalidStateException": "the encryption key is about to be deleted",
    "KMS.AccessDeniedException": "the role may not use the encryption key: add kms:GenerateDataKey",
}
"""What the enterprise has to change; AWS's own words are not repeated."""


NO_KEY = (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError)
KEY_REFUSED = frozenset({"InvalidClientTokenId", "SignatureDoesNotMatch", "InvalidAccessKeyId"})
OUR_MISTAKE = "AWS does not accept the operator's own key: check VOICELINE_ARCHIVE_ACCESS_KEY_ID"


class _Encryption(TypedDict, total=False):
    ServerSideEncryption: Literal["AES256", "aws:kms"]
    SSEKMSKeyId: str


class SecurityTokens(Protocol):
    """What of boto3's STS client is used."""

    def assume_role(self, **_facts: Any) -> Any:
        """Answer `{"Credentials": {...}}`."""


@dataclass(frozen=True)
class Credentials:
    """What a session of the role is proven by."""

    access_key: str
    secret_key: str
    token: str
    expires_at: datetime


class ArchiveSessions:
    """Sessions of enterprises' roles, each used until shortly before its end."""

    def __init__(
        self,
        sts: SecurityTokens,
        open_bucket: Callable[[Credentials, str], S3Client],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._sts, self._open_bucket, self._clock = sts, open_bucket, clock
        self._lock = threading.Lock()
        self._open: dict[tuple[ArchivePlace, str], tuple[datetime, S3Client]] = {}

    def bucket(self, to: ArchivePlace, external_id: str) -> ArchiveBucket:
        """Answer the bucket, with a session that lasts for a put."""
        with self._lock:
            until, client = self._open.get((to, external_id), (self._clock(), None))
            if client is None or until - MARGIN <= self._clock():
                credentials = self.assume(to, external_id)
                client = self._open_bucket(credentials, to.region)
                self._open[to, external_id] = credentials.expires_at, client
        return ArchiveBucket(client, to)

    def forget(self, to: ArchivePlace, external_id: str) -> None:
        """Use no session of before: the next put asks whether we are still trusted."""
        with self._lock:
            self._open.pop((to, external_id), None)

    def assume(self, to: ArchivePlace, external_id: str | None) -> Credentials:
        """Ask for a session of the role; ArchiveRefusal where AWS gives none.

        PermanentFailure where it does not know us: that is not the enterprise's to mend.
        """
        named = {"ExternalId": external_id} if external_id is not None else {}
        try:
            answer = self._sts.assume_role(
                RoleArn=to.role_arn,
                RoleSessionName=SESSION_NAME,
                DurationSeconds=to.session_seconds,
                Policy=to.policy,
                **named,
            )
        except (ClientError, BotoCoreError) as error:
            if isinstance(error, NO_KEY) or code_of_any(error) in KEY_REFUSED:
                raise PermanentFailure(OUR_MISTAKE) from error
            raise failure_of(error, "the role") from error
        given = answer["Credentials"]
        return Credentials(
            given["AccessKeyId"],
            given["SecretAccessKey"],
            given["SessionToken"],
            given["Expiration"].astimezone(UTC),
        )


class ArchiveBucket:
    """The bucket during one session."""

    def __init__(self, client: S3Client, to: ArchivePlace) -> None:
        self._client, self._to = client, to

    def put(self, name: str, data: bytes, *, content_type: str) -> ArchivedObject:
        """Put the object below the prefix, over what a run of before put; answer what is there.

        S3 refuses bytes whose SHA-256 is another one, and says in its answer which it kept.
        """
        digest = hashlib.sha256(data).digest()
        checksum = base64.b64encode(digest).decode()
        key = self._to.prefix + name
        try:
            answer = self._client.put_object(
                Bucket=self._to.bucket,
                Key=key,
                Body=data,
                ContentType=content_type,
                ChecksumSHA256=checksum,
                ExpectedBucketOwner=self._to.owner,
                **self._encryption(),
            )
        except (ClientError, BotoCoreError) as error:
            raise failure_of(error, "the bucket") from error
        if answer.get("ChecksumSHA256", checksum) != checksum:
            raise TemporaryFailure("the bucket has other bytes than were sent")
        wanted = "aws:kms" if self._to.kms_key else "AES256"
        if answer.get("ServerSideEncryption") != wanted:
            raise ArchiveRefusal("the bucket did not encrypt it as asked: look at its policy")
        return ArchivedObject(key, len(data), digest.hex(), answer.get("VersionId"))

    def may_read(self, name: str) -> bool:
        """Tell whether the session could read: it must not."""
        return self._may(
            lambda: self._client.get_object(
                Bucket=self._to.bucket,
                Key=self._to.prefix + name,
                ExpectedBucketOwner=self._to.owner,
            )
        )

    def may_list(self) -> bool:
        """Tell whether the session could see what is in the bucket: it must not."""
        return self._may(
            lambda: self._client.list_objects_v2(
                Bucket=self._to.bucket, MaxKeys=1, ExpectedBucketOwner=self._to.owner
            )
        )

    def _may(self, ask: Callable[[], object]) -> bool:
        try:
            ask()
        except ClientError as error:
            if code_of(error) in {"AccessDenied", "403"}:
                return False
            raise failure_of(error, "the bucket") from error
        except BotoCoreError as error:
            raise failure_of(error, "the bucket") from error
        return True

    def _encryption(self) -> _Encryption:
        if self._to.kms_key:
            return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self._to.kms_key}
        return {"ServerSideEncryption": "AES256"}


def code_of_any(error: ClientError | BotoCoreError) -> str:
    """Answer AWS's error code; empty where it did not answer."""
    return code_of(error) if isinstance(error, ClientError) else ""


def failure_of(error: ClientError | BotoCoreError, what: str) -> ArchiveRefusal | TemporaryFailure:
    """Answer what passes by itself from what the enterprise must change."""
    if isinstance(error, ParamValidationError):
        return ArchiveRefusal(f"{what}: AWS cannot be asked for it as it is written")
    if not isinstance(error, ClientError):
        return TemporaryFailure(f"{what} cannot be reached: {type(error).__name__}")
    code, status = code_of(error), status_of(error)
    if code in PASSING or status >= SERVER_ERROR:
        return TemporaryFailure(f"{what} answered {status} ({code})")
    if code in {"ExpiredToken", "ExpiredTokenException", "InvalidToken"}:
        return TemporaryFailure(f"the session with {what} was over")
    return ArchiveRefusal(f"{what}: {REFUSALS.get(code, f'refused with {status} ({code})')}")
