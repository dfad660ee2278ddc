"""The only module that picks adapters: settings in, services out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voiceline.adapters.data_keys import DataKeys
from voiceline.adapters.dns_texts import DnsTexts
from voiceline.adapters.filesystem_store import FolderStore
from voiceline.adapters.folder_mailer import FolderMailer
from voiceline.adapters.master_keys import settings_master_keys
from voiceline.adapters.sealed_store import SealedStore
from voiceline.adapters.twilio_calls import TwilioCalls
from voiceline.adapters.twilio_recordings import TwilioRecordings
from voiceline.database import REACH, make_engine, make_sessions

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_s3 import S3Client
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session, sessionmaker
    from twilio.rest import Client

    from voiceline.adapters.twilio_numbers import Change
    from voiceline.ports import (
        Archives,
        Mailer,
        MasterKey,
        RecordingSource,
        TextRecords,
        Transcriber,
    )
    from voiceline.settings import Settings


READ_SECONDS = 10
"""Silence on a connection before the try, one of three, is given up."""

TRANSFER_SECONDS = 20
"""A fetch and a store together stay below the time limit of the job that does both."""

REPLAY_SECONDS = 8
"""A caller waits to hear the message again, and the carrier for 15 seconds at most."""


@dataclass(frozen=True)
class Services:
    """Everything a door needs, built once a process."""

    settings: Settings
    engine: Engine
    sessions: sessionmaker[Session]
    store: SealedStore
    recordings: RecordingSource
    calls: TwilioCalls
    transcriber: Transcriber | None
    mailer: Mailer
    dns: TextRecords
    archives: Archives | None
    """None where the operator copies into nobody's bucket."""


def build(
    settings: Settings, *, fetch_seconds: float = TRANSFER_SECONDS, reach: str = REACH
) -> Services:
    """Build the services; nothing connects before it is used.

    `fetch_seconds`: how long a recording's download may take. `reach`: how far a database session
    reaches that nobody told (voiceline/reach.py).
    """
    engine = make_engine(settings.database, pool_size=settings.database_pool, reach=reach)
    return Services(
        settings=settings,
        engine=engine,
        sessions=make_sessions(engine),
        store=make_store(settings),
        recordings=make_recordings(settings, fetch_seconds),
        calls=TwilioCalls(make_carrier_client(settings)),
        transcriber=make_transcriber(settings),
        mailer=make_mailer(settings),
        dns=DnsTexts(settings.dns_server),
        archives=make_archives(settings),
    )


def import_ahead() -> None:
    """Import what vendors' libraries load when first used, so that no fork of ours has to."""
    import twilio.rest.api  # noqa: F401, PLC0415 - a quarter of a second of processor time


def make_store(settings: Settings) -> SealedStore:
    """Answer the object store the settings name; everything in it is sealed."""
    if settings.store == "folder":
        folder = settings.keys_dir or settings.data_dir / "keys"
        keys = DataKeys(FolderStore(folder), make_master_keys(settings))
        return SealedStore(FolderStore(settings.data_dir / "store"), keys)
    from voiceline.adapters.s3_store import S3Store  # noqa: PLC0415 - boto3 is slow to import

    client = make_bucket_client(settings)
    objects, vault = (
        S3Store(
            client,
            bucket,
            encryption=settings.s3_encryption,
            kms_key_id=settings.s3_kms_key_id,
            transfer_timeout=TRANSFER_SECONDS,
        )
        for bucket in (settings.s3_bucket, settings.keys_s3_bucket or settings.s3_bucket)
    )
    prefix = "" if settings.keys_s3_bucket else "keys/"
    return SealedStore(objects, DataKeys(vault, make_master_keys(settings), prefix=prefix))


def make_master_keys(settings: Settings) -> list[MasterKey]:
    """Answer the master keys, the one that wraps first; none where this process has none."""
    listed: list[MasterKey] = [*settings_master_keys(settings.master_keys.get_secret_value())]
    if not settings.kms_master_key:
        return listed
    from voiceline.adapters.kms_master_key import (  # noqa: PLC0415 - the same
        KmsMasterKey,
        make_kms_client,
    )

    arn = settings.kms_master_key
    return [KmsMasterKey(make_kms_client(arn), arn), *listed]


def make_bucket_client(settings: Settings) -> S3Client:
    """Answer the one S3 client of this process."""
    from voiceline.adapters.s3_client import make_s3_client  # noqa: PLC0415 - the same

    return make_s3_client(
        endpoint_url=settings.s3_endpoint_url or None,
        region=settings.s3_region,
        access_key=settings.s3_access_key_id or None,
        secret_key=settings.s3_secret_access_key.get_secret_value() or None,
        addressing_style=settings.s3_addressing,
        checksums=settings.s3_checksums,
        connect_timeout=3,
        read_timeout=READ_SECONDS,
        owners={
            settings.keys_s3_bucket: settings.keys_s3_bucket_owner or settings.s3_bucket_owner,
            settings.s3_bucket: settings.s3_bucket_owner,
        },
    )


def make_archives(settings: Settings) -> Archives | None:
    """Answer what copies into enterprises' own buckets, or None where the operator does not."""
    if not settings.archive_account:
        return None
    from voiceline.adapters.archive_clients import (  # noqa: PLC0415 - boto3 is slow to import
        make_archive_sessions,
    )

    return make_archive_sessions(
        region=settings.archive_region,
        access_key=settings.archive_access_key_id or None,
        secret_key=settings.archive_secret_access_key.get_secret_value() or None,
        endpoint_url=settings.archive_endpoint_url or None,
    )


def make_recordings(settings: Settings, fetch_seconds: float = TRANSFER_SECONDS) -> RecordingSource:
    """Answer the carrier's REST side."""
    return TwilioRecordings(
        account_sid=settings.twilio_account_sid,
        username=settings.twilio_api_key or settings.twilio_account_sid,
        password=settings.twilio_api_secret.get_secret_value()
        or settings.twilio_auth_token.get_secret_value(),
        previous_password=settings.twilio_previous_auth_token.get_secret_value(),
        api_base=settings.twilio_api_base,
        read_timeout=min(READ_SECONDS, fetch_seconds),
        transfer_timeout=fetch_seconds,
    )


def make_transcriber(settings: Settings) -> Transcriber | None:
    """Answer the engine that drafts transcripts, or None where people listen to everything."""
    if settings.transcriber == "none":
        return None
    from voiceline.adapters.sphinx_transcriber import SphinxTranscriber  # noqa: PLC0415 - an extra

    return SphinxTranscriber(settings.data_dir / "models")


def make_mailer(settings: Settings) -> Mailer:
    """Answer what sends e-mail."""
    if settings.mailer == "folder":
        return FolderMailer(settings.data_dir / "mail")
    from voiceline.adapters.smtp_mailer import SmtpMailer  # noqa: PLC0415 - not needed embedded

    return SmtpMailer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_username,
        password=settings.smtp_password.get_secret_value(),
        starttls=settings.smtp_starttls,
        ca_file=settings.smtp_ca_file,
    )


def bucket_faults(settings: Settings) -> list[str]:
    """Say what the bucket's own expiry rules do other than they should; nothing when right."""
    from voiceline.adapters import s3_lifecycle  # noqa: PLC0415 - only for an S3 store

    rules = s3_lifecycle.lifecycle_rules()
    return s3_lifecycle.difference(make_bucket_client(settings), settings.s3_bucket, rules)


def set_up_bucket(settings: Settings) -> bool:
    """Write the bucket's expiry rules, leaving other people's alone; tell whether any changed."""
    from voiceline.adapters import s3_lifecycle  # noqa: PLC0415 - the same

    rules = s3_lifecycle.lifecycle_rules()
    return s3_lifecycle.apply(make_bucket_client(settings), settings.s3_bucket, rules)


def number_changes(settings: Settings, number: str) -> list[Change]:
    """Answer what has to change at the carrier so that the number's calls come to us."""
    from voiceline.adapters import twilio_numbers  # noqa: PLC0415 - only for setting up

    return twilio_numbers.plan(make_carrier_client(settings), number, number_addresses(settings))


def set_up_number(settings: Settings, number: str, changes: list[Change]) -> None:
    """Make the changes at the carrier."""
    from voiceline.adapters import twilio_numbers  # noqa: PLC0415 - the same

    twilio_numbers.apply(make_carrier_client(settings), number, changes)


def number_addresses(settings: Settings) -> dict[str, str]:
    """Answer where the carrier should send a number's events, and how it should try again.

    The fragments are the carrier's own (twilio.md section 3): two retries within its 15 seconds.
    """
    again = "#rc=2&rt=4000&rp=ct,rt,5xx"
    return {
        "voice_url": f"{settings.telephone_url}/voice/answer{again}",
        "voice_method": "POST",
        "voice_fallback_url": f"{settings.fallback}/voice/fallback",
        "voice_fallback_method": "POST",
        "status_callback": f"{settings.telephone_url}/voice/call-status{again}",
        "status_callback_method": "POST",
    }


def make_carrier_client(settings: Settings) -> Client:
    """Answer the carrier's own library, pointed at the configured address."""
    from voiceline.adapters.twilio_http import make_twilio_client  # noqa: PLC0415 - slow to import

    return make_twilio_client(
        account_sid=settings.twilio_account_sid,
        username=settings.twilio_api_key or settings.twilio_account_sid,
        passwords=(
            settings.twilio_api_secret.get_secret_value()
            or settings.twilio_auth_token.get_secret_value(),
        ),
        api_base=settings.twilio_api_base,
        read_timeout=READ_SECONDS,
    )


def build_language_model(settings: Settings, on_progress: Callable[[str, float], None]) -> None:
    """Build the embedded transcriber's language model, once; later calls find it."""
    from voiceline.adapters.sphinx_language_model.build import (  # noqa: PLC0415 - an extra
        build_language_model as build_model,
    )

    build_model(settings.data_dir / "models", on_progress)
