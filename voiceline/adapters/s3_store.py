"""The object store in production: one S3 bucket, or one of a store that speaks S3.

Every put is conditional (an object is written once), carries its own SHA-256, and is read back:
a store that answers 200 and keeps half of it is found out while the carrier still has the audio.
Permissions: s3:PutObject, PutObjectTagging, GetObject, GetObjectTagging, DeleteObject,
DeleteObjectVersion, ListBucketVersions (on the bucket), and ListBucket, without which S3 says
403 instead of 404.
"""

from __future__ import annotations

import base64
import hashlib
import io
import math
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal, TypedDict
from urllib.parse import urlencode

from botocore.exceptions import ClientError, FlexibleChecksumError

from voiceline.adapters.object_keys import checked_key, checked_range, checked_tags
from voiceline.adapters.s3_client import s3_errors, status_of
from voiceline.errors import MissingObjectError, ObjectConflictError, TemporaryFailure
from voiceline.ports import Listed, StoredObject

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import TagTypeDef

CHUNK = 8 * 1024
"""Bytes between two looks at the clock: more would let a trickle run long past its deadline."""
PUT_ATTEMPTS = 3
"""How often a put is offered again while S3 says 409: somebody writes the key at this moment."""

Encryption = Literal["none", "AES256", "aws:kms"]


class _OptionalHeaders(TypedDict, total=False):
    Tagging: str
    ServerSideEncryption: Literal["AES256", "aws:kms"]
    SSEKMSKeyId: str


class S3Store:
    """ObjectStore in a bucket.

    `transfer_timeout` (seconds) bounds a whole upload or download; the client's own time-outs
    only bound the silence in between.
    """

    def __init__(
        self,
        client: S3Client,
        bucket: str,
        *,
        encryption: Encryption = "none",
        kms_key_id: str = "",
        transfer_timeout: float = 120,
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._encryption = _encryption_headers(encryption, kms_key_id)
        self._transfer_timeout = transfer_timeout

    def put(
        self, key: str, data: bytes, *, content_type: str, tags: Mapping[str, str]
    ) -> StoredObject:
        digest = hashlib.sha256(data).digest()
        with s3_errors():
            if self._write_once(checked_key(key), data, digest, content_type, checked_tags(tags)):
                claimed = digest.hex()
            else:
                claimed = self._claimed(key)
        if self._read_back(key) == digest.hex():
            return StoredObject(key, len(data), digest.hex())
        if claimed != digest.hex():
            raise ObjectConflictError("the key is already taken by other bytes")
        # Written as these bytes, kept as others: it is nobody's object and bars the next try.
        self.delete(key)
        raise TemporaryFailure("the object store gave back other bytes than it was given")

    def get(self, key: str) -> bytes:
        deadline = time.monotonic() + self._transfer_timeout
        with s3_errors():
            answer = self._client.get_object(Bucket=self._bucket, Key=checked_key(key))
            return b"".join(_chunks(answer["Body"], deadline))

    def size(self, key: str) -> int:
        with s3_errors():
            answer = self._client.head_object(Bucket=self._bucket, Key=checked_key(key))
        return answer["ContentLength"]

    def stream(self, key: str, start: int, end: int) -> Iterator[bytes]:
        checked_range(start, end)
        size = self.size(key)  # raises here and now, before the caller has sent a header
        return self._range(key, start, end) if start < size else iter(())

    def tags(self, key: str) -> dict[str, str]:
        with s3_errors():
            answer = self._client.get_object_tagging(Bucket=self._bucket, Key=checked_key(key))
        return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}

    def retag(self, key: str, tags: Mapping[str, str]) -> None:
        # PutObjectTagging, never a copy: a copy is a new object with a new age. (Ceph 16 counts the
        # age from the last retag even so; its lifecycle then deletes later, never earlier.)
        tag_set: list[TagTypeDef] = [
            {"Key": name, "Value": value} for name, value in checked_tags(tags).items()
        ]
        with s3_errors():
            self._client.put_object_tagging(
                Bucket=self._bucket, Key=checked_key(key), Tagging={"TagSet": tag_set}
            )

    def delete(self, key: str) -> None:
        # By version: in a versioned bucket a plain delete only hides the caller's voice.
        with s3_errors():
            for version in list(self._versions(checked_key(key))):
                self._client.delete_object(Bucket=self._bucket, Key=key, VersionId=version)

    def listed(self, prefix: str, *, after: str = "", limit: int = 1000) -> list[Listed]:
        with s3_errors():
            page = self._client.list_objects_v2(
                Bucket=self._bucket, Prefix=prefix, StartAfter=after, MaxKeys=limit
            )
        return [Listed(each["Key"], each["Key"]) for each in page.get("Contents", [])]

    def _write_once(
        self, key: str, data: bytes, digest: bytes, content_type: str, tags: Mapping[str, str]
    ) -> bool:
        """Tell whether we wrote it; False when the key was taken already."""
        optional = self._encryption.copy()
        if tags:
            optional["Tagging"] = urlencode(tags)
        for _ in range(PUT_ATTEMPTS):
            try:
                self._client.put_object(
                    Bucket=self._bucket,
                    Key=key,
                    Body=_TimedBody(data, time.monotonic() + self._transfer_timeout),
                    ContentType=content_type,
                    ChecksumSHA256=base64.b64encode(digest).decode(),
                    Metadata={"sha256": digest.hex()},
                    IfNoneMatch="*",
                    **optional,
                )
            except ClientError as error:
                if status_of(error) == HTTPStatus.PRECONDITION_FAILED:
                    return False
                if status_of(error) != HTTPStatus.CONFLICT:
                    raise
            else:
                return True
        raise TemporaryFailure("somebody else is writing this object at this moment")

    def _read_back(self, key: str) -> str:
        """Answer the SHA-256 of what is kept, or nothing when boto3 itself finds it damaged."""
        try:
            return hashlib.sha256(self.get(key)).hexdigest()
        except MissingObjectError as error:
            raise TemporaryFailure("the object store does not have what it accepted") from error
        except TemporaryFailure as error:
            if isinstance(error.__cause__, FlexibleChecksumError):
                return ""
            raise

    def _claimed(self, key: str) -> str:
        """Answer the SHA-256 that the object's writer gave it, or nothing when it gave none."""
        try:
            answer = self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if status_of(error) == HTTPStatus.NOT_FOUND:
                raise TemporaryFailure("the object was deleted while it was written") from error
            raise
        return answer.get("Metadata", {}).get("sha256", "")

    def _range(self, key: str, start: int, end: int) -> Iterator[bytes]:
        with s3_errors():
            answer = self._client.get_object(
                Bucket=self._bucket, Key=key, Range=f"bytes={start}-{end}"
            )
            # No deadline: a listener's browser may pause for as long as it likes.
            yield from _chunks(answer["Body"], math.inf)

    def _versions(self, key: str) -> Iterator[str]:
        pages = self._client.get_paginator("list_object_versions")
        for page in pages.paginate(Bucket=self._bucket, Prefix=key):
            for entry in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                if entry["Key"] == key:
                    yield entry["VersionId"]


class _TimedBody(io.BytesIO):
    """An upload's body that stops being read after its deadline.

    In pieces, too: bytes given as one are sent in one call, under the time-out for connecting.
    """

    def __init__(self, data: bytes, deadline: float) -> None:
        super().__init__(data)
        self._deadline = deadline

    def read(self, size: int | None = -1, /) -> bytes:
        if time.monotonic() > self._deadline:
            raise TemporaryFailure("the object store took the object too slowly")
        return super().read(size)


def _chunks(body: StreamingBody, deadline: float) -> Iterator[bytes]:
    with body:
        for chunk in body.iter_chunks(CHUNK):
            if time.monotonic() > deadline:
                raise TemporaryFailure("the object store sent the object too slowly")
            yield chunk


def _encryption_headers(encryption: Encryption, kms_key_id: str) -> _OptionalHeaders:
    if encryption == "none":
        return {}
    if encryption == "aws:kms" and kms_key_id:
        return {"ServerSideEncryption": encryption, "SSEKMSKeyId": kms_key_id}
    return {"ServerSideEncryption": encryption}
