"""How fast voicemails are copied into an enterprise's own bucket, beside putting the same bytes.

Both put a minute of sound into the same server with the same client, as many at a time, in turns.
The whole job runs in this process: the rows, reading and opening the sealed sound, its hash, the
record, and both puts.
"""

from __future__ import annotations

import hashlib
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import boto3
from botocore.config import Config
from sqlalchemy import func, select, update

from benchmarks import postgres
from benchmarks.figures import Figure
from benchmarks.machine import load
from benchmarks.seeding import keep_voicemails, open_accounts
from benchmarks.servers import clean_environment, free_port, serving, settings_of
from benchmarks.stub_cloud import AUDIO
from jobs import archive as job
from voiceline import archive
from voiceline.adapters.archive_bucket import ArchiveBucket
from voiceline.bootstrap import build
from voiceline.models import ArchiveCopy, ArchiveDestination, ArchiveState, Business
from voiceline.rules.retention import AccountTier

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from mypy_boto3_s3 import S3Client

    from voiceline.bootstrap import Services
    from voiceline.ports import ArchivePlace

ROUNDS, PUTS, VOICEMAILS = 3, 200, 3000
SECONDS = 4.0
"""Of copying, between two turns of plain puts."""

KEY = "rec/one.wav"
"""One object for all: what is measured is the copying."""

ROLE = "arn:aws:iam::222222222222:role/VoicelineArchive"


class OneSession:
    """What opens the bucket without asking for a session: AWS's STS is not what is measured."""

    def __init__(self, client: S3Client) -> None:
        self._client = client

    def bucket(self, to: ArchivePlace, _external: str) -> ArchiveBucket:
        """Answer the bucket."""
        return ArchiveBucket(self._client, to)

    def assume(self, to: ArchivePlace, external_id: str | None) -> object:
        raise NotImplementedError

    def forget(self, to: ArchivePlace, external_id: str) -> None:
        """There is nothing to forget."""


def measure(folder: Path) -> list[Figure]:
    """Measure with sealed sounds in a folder, on PostgreSQL; on SQLite without it."""
    if postgres.programs() is None:
        print("   PostgreSQL is not installed: measured on SQLite alone")
        return _measure(folder, "", "SQLite")
    with postgres.cluster() as running:
        return _measure(folder, running.url, "PostgreSQL")


def _measure(folder: Path, database: str, kind: str) -> list[Figure]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = clean_environment(data_dir=folder, log_level="WARNING", database_url=database)
    services = build(settings_of(environment))
    with serving("stub", ["benchmarks.stub_cloud", str(port)], environment, url, folder):
        client = _client(url)
        ours = replace(services, archives=OneSession(client))
        destination = _seed(ours)
        vars(job)["services"] = lambda: ours
        bucket = ArchiveBucket(client, archive.place_of(destination))
        vars(job)["ROUND_SECONDS"] = SECONDS
        _round(ours, destination.id, bucket)  # what is opened first costs once
        ratios = [_round(ours, destination.id, bucket) for _ in range(ROUNDS)]
    services.engine.dispose()
    against = (
        f"PUT of the same {len(AUDIO):,} bytes into the same server, {job.STREAMS} at a time,"
        f" {ROUNDS} x {SECONDS:.0f} s, {kind}; load {load():.1f}"
    )
    rate = statistics.median(ratios)
    return [Figure("archive copies, rate / plain put", rate, "ratio", against, at_least=0.5)]


def _client(url: str) -> S3Client:
    config = Config(s3={"addressing_style": "path"}, max_pool_connections=20)
    keys = {"aws_access_key_id": "bench", "aws_secret_access_key": "bench-secret"}
    return boto3.client("s3", endpoint_url=url, region_name="us-east-1", config=config, **keys)


def _seed(services: Services) -> ArchiveDestination:
    """Write down all the voicemails, and the bucket that wants them."""
    code, at = open_accounts(services.engine), datetime.now(UTC)
    stored = services.store.put(KEY, AUDIO, content_type="audio/wav", tags={})
    facts = {"object_key": KEY, "sha256": hashlib.sha256(AUDIO).hexdigest(), "size": stored.size}
    later = {"expires_at": at + timedelta(days=365), "duration_ms": 60_000}
    since = at - timedelta(days=1)
    keep_voicemails(services.engine, code, VOICEMAILS, since=since, **facts, **later)
    row = ArchiveDestination(
        business_id=code.business_id,
        external_id=str(uuid4()),
        role_arn=ROLE,
        bucket="bench",
        region="us-east-1",
        prefix="",
        kms_key="",
        state=ArchiveState.CONNECTED,
        wanted_since=at,
        due_at=at,
    )
    with services.sessions.begin() as session:
        mine = update(Business).where(Business.id == code.business_id)
        session.execute(mine.values(tier=AccountTier.ENTERPRISE))
        session.add(row)
    return row


def _round(services: Services, destination_id: UUID, bucket: ArchiveBucket) -> float:
    before, copied, after = _plainly(bucket), _copy(services, destination_id), _plainly(bucket)
    plain = (before + after) / 2
    print(f"a second: {copied:.0f} copies, {plain:.0f} plain puts")
    return copied / plain


def _plainly(bucket: ArchiveBucket) -> float:
    """Put the sound alone; answer how many a second."""
    began = time.perf_counter()
    with ThreadPoolExecutor(job.STREAMS) as pool:
        puts = [
            pool.submit(bucket.put, f"plain/{number}.wav", AUDIO, content_type="audio/wav")
            for number in range(PUTS)
        ]
        for put in puts:
            put.result()
    return PUTS / (time.perf_counter() - began)


def _copy(services: Services, destination_id: UUID) -> float:
    """Let the job copy for a round; answer how many a second."""
    with services.sessions.begin() as session:
        session.get_one(ArchiveDestination, destination_id).due_at = datetime.now(UTC)
    former, began = _archived(services), time.perf_counter()
    job.archive(str(destination_id))
    took, done = time.perf_counter() - began, _archived(services) - former
    if not done or done + former == VOICEMAILS:
        raise RuntimeError("nothing was copied, or nothing was left to copy")
    return done / took


def _archived(services: Services) -> int:
    with services.sessions() as session:
        return session.scalar(select(func.count(ArchiveCopy.archived_at))) or 0
