"""The archive by itself: larger than the older form of ZIP, and never in memory."""

from __future__ import annotations

import tracemalloc
import zipfile
from datetime import timedelta
from hashlib import sha256
from itertools import repeat

import pytest
from factories import AT, make_business, make_code, make_message, make_user

from voiceline.download_files import Archive
from voiceline.downloads import begin, make_plan

MB = 1024 * 1024
BLOCK = bytes(MB)


class Endless:
    """A store in which every object is as many zeros as are asked for."""

    def stream(self, _key, start, end):
        for _ in repeat(None, (end - start + 1) // MB):
            yield BLOCK
        if rest := (end - start + 1) % MB:
            yield BLOCK[:rest]


@pytest.mark.slow
def test_d26_five_gigabytes_are_zip64(services, tmp_path):
    taken = take(services, count=5, size=1024 * MB + 7)
    file = tmp_path / "large.zip"

    with file.open("wb") as out:
        for piece in taken:
            if piece is BLOCK:
                out.seek(MB, 1)  # a hole: no disk holds five gigabytes for a test
            else:
                out.write(piece)

    with zipfile.ZipFile(file) as archive:
        sizes = [info.file_size for info in archive.infolist() if info.filename.endswith(".wav")]
        assert sizes == [1024 * MB + 7] * 5
        assert archive.infolist()[-1].header_offset > 5 * 1024 * MB
        assert b"audio/VL-" in archive.read("SHA256SUMS.txt")


def test_memory_does_not_grow_with_the_audio(services):
    taken = take(services, count=20, size=8 * MB)
    next(taken)

    tracemalloc.start()
    sent = sum(map(len, taken))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert sent > 160 * MB
    assert peak < 16 * MB


def take(services, *, count, size):
    """Answer the pieces of an archive of messages that are as long as they say."""
    digest = sha256()
    for _ in range(size // MB):
        digest.update(BLOCK)
    with services.sessions.begin() as session:
        business = make_business(session)
        code, user = make_code(session, business), make_user(session)
        for number in range(count):
            at = AT + timedelta(minutes=number)
            _, mail = make_message(session, code, services.store, received_at=at)
            mail.size, mail.sha256 = size, digest.hexdigest()
    plan = make_plan(services.sessions, business.id, ())
    with services.sessions.begin() as session:
        download = begin(session, business, user, plan, secret="secret", at=AT)
    archive = Archive(services.sessions, Endless(), download, user, lambda: AT)
    return archive.pieces(plan, "Acme", "UTC")
