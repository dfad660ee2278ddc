"""The object store fails in every way: the carrier's copy stays until ours can be read back."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from fakes.s3_faults import BUCKET, FaultyS3, faulty_s3
from faults.house import House, open_house, wait_for
from faults.objects import BucketObjects
from faults.report import note

from voiceline.models import Voicemail
from voiceline.rules.lifecycle import VoicemailStatus

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(480)]

CALLS = 3
PARKED = Voicemail.status == VoicemailStatus.FAILED
TROUBLED = (Voicemail.last_error.is_not(None), Voicemail.stored_at.is_(None))
TRIED = (*TROUBLED, Voicemail.attempts > 1)
DISK = 1_000_000
"""Bytes of the disk that runs full."""


def test_store_answering_500_is_waited_for(bucket_house: House, server: FaultyS3):
    server.refusals = [(500, "InternalError"), (503, "SlowDown")] * 1000
    bucket_house.call(CALLS)
    wait_for(lambda: len(bucket_house.voicemails(*TRIED)) == CALLS, "voicemails tried twice")
    server.refusals = []

    note("store answered 500 and 503", bucket_house.assert_settles())


def test_truncating_store_is_found_out(bucket_house: House, server: FaultyS3):
    server.truncate_to = 1000
    records = bucket_house.call(CALLS)
    wait_for(lambda: len(bucket_house.voicemails(*TROUBLED)) == CALLS, "troubled voicemails")
    standing = bucket_house.carrier.standing()
    kept = [standing[record.call_id].deleted_at for record in records]
    server.truncate_to = None

    note("store kept half of what it accepted", bucket_house.assert_settles())
    assert kept == [None] * CALLS


def test_trickling_store_is_given_up_and_tried_again(bucket_house: House, server: FaultyS3):
    server.drip = 1.0
    bucket_house.call()
    wait_for(lambda: bucket_house.voicemails(*TROUBLED), "a voicemail that waits")
    server.drip = 0

    note("store sent a kilobyte a second", bucket_house.assert_settles())


def test_answer_that_came_too_late_makes_no_second_object(bucket_house: House, server: FaultyS3):
    server.hang_up, server.answer_after = 1, 12.0

    bucket_house.call()

    note("store answered after we had hung up", bucket_house.assert_settles())


def test_refused_put_is_parked_and_resumes_after_the_fix(bucket_house: House, server: FaultyS3):
    before = len(server.requests)
    server.refusals = [(403, "AccessDenied")] * 1000
    bucket_house.call(CALLS)
    wait_for(lambda: len(bucket_house.voicemails(PARKED)) == CALLS, "parked voicemails")
    asked = len(server.requests) - before
    server.refusals = []
    bucket_house.let_an_hour_pass()

    note("store refused us; mended; an hour later", bucket_house.assert_settles())
    assert asked < 10 * CALLS


def test_full_disk_loses_nothing(disk_house: House):
    store = disk_house.folder / "var" / "store"
    filler = store / "filler"
    with suppress(OSError):
        filler.write_bytes(b"\0" * 2 * DISK)
    disk_house.call(CALLS)
    wait_for(lambda: len(disk_house.voicemails(*TROUBLED)) == CALLS, "troubled voicemails")
    filler.unlink()

    note("store's disk was full", disk_house.assert_settles())


@pytest.fixture(scope="module")
def server() -> Iterator[FaultyS3]:
    with faulty_s3() as started:
        yield started


@pytest.fixture(scope="module")
def bucket_house(tmp_path_factory: pytest.TempPathFactory, server: FaultyS3) -> Iterator[House]:
    environment = {
        "VOICELINE_STORE": "s3",
        "VOICELINE_S3_BUCKET": BUCKET,
        "VOICELINE_S3_ENDPOINT_URL": server.endpoint,
        "VOICELINE_S3_ADDRESSING": "path",
        "VOICELINE_S3_ACCESS_KEY_ID": "somebody",
        "VOICELINE_S3_SECRET_ACCESS_KEY": "something",
    }
    folder = tmp_path_factory.mktemp("bucket")
    objects = BucketObjects(server, folder / "var")
    with open_house(folder, environment=environment, objects=objects) as opened:
        opened.call()
        opened.assert_settles()
        yield opened


@pytest.fixture
def disk_house(tmp_path: Path) -> Iterator[House]:
    """A house whose store is on a small disk of its own."""
    mount = shutil.which("mount")
    if os.geteuid() or mount is None:
        pytest.fail("only root may mount the small disk that this test fills", pytrace=False)
    store = tmp_path / "var" / "store"
    store.mkdir(parents=True)
    options = ["-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(store)]
    mounted = subprocess.run([mount, *options], capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.fail(f"no small disk can be mounted: {mounted.stderr.strip()}", pytrace=False)
    try:
        with open_house(tmp_path) as opened:
            yield opened
    finally:
        subprocess.run(["umount", str(store)], check=True, timeout=10)
