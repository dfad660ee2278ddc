"""The clients behind an enterprise's archive: ours at STS, and one for each session of a role."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from voiceline.adapters.archive_bucket import ArchiveSessions
from voiceline.errors import SettingsError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from voiceline.adapters.archive_bucket import Credentials
    from voiceline.adapters.s3_client import AddressingStyle

ATTEMPTS = 2
"""A bucket that does not answer rests soon (jobs/archive.py), and keeps no other one waiting."""

CONNECT_SECONDS, READ_SECONDS = 3, 10


def make_archive_sessions(
    *,
    region: str,
    access_key: str | None,
    secret_key: str | None,
    endpoint_url: str | None = None,
) -> ArchiveSessions:
    """Answer what opens enterprises' buckets; nothing connects before it is used.

    Without a key, boto3 looks for the machine's role. `endpoint_url`: where neither service is
    AWS's.
    """
    if bool(access_key) != bool(secret_key):
        raise SettingsError(
            "VOICELINE_ARCHIVE_ACCESS_KEY_ID and _SECRET_ACCESS_KEY come together: set both or none"
        )

    def open_bucket(credentials: Credentials, region: str) -> S3Client:
        return boto3.session.Session().client(
            "s3",
            endpoint_url=endpoint_url,
            region_name=region,
            aws_access_key_id=credentials.access_key,
            aws_secret_access_key=credentials.secret_key,
            aws_session_token=credentials.token,
            config=_config("path" if endpoint_url else "auto"),
        )

    try:
        sts = boto3.session.Session().client(
            "sts",
            endpoint_url=endpoint_url,
            region_name=region,
            aws_access_key_id=access_key,
            aws_secret_access_key=secret_key,
            config=_config("auto"),
        )
    except (ValueError, BotoCoreError) as error:
        raise SettingsError(
            "the STS client cannot be made: check VOICELINE_ARCHIVE_REGION and _ENDPOINT_URL"
        ) from error
    return ArchiveSessions(sts, open_bucket)


def _config(addressing: AddressingStyle) -> Config:
    return Config(
        s3={"addressing_style": addressing},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        max_pool_connections=20,
        tcp_keepalive=True,
    )
