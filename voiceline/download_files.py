"""The archive itself: a ZIP written while it is sent, straight from the object store.

Nothing is packed and nothing is held but the piece in hand: lists that are complete only at the end
are written beside, on the disk once they are long. Its length is not known before: what is lost or
altered is told in the archive, and the rest goes on.
"""

from __future__ import annotations

import hashlib
import tempfile
from datetime import timedelta
from itertools import chain
from os import SEEK_END
from typing import IO, TYPE_CHECKING
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from zipstream import ZipStream

from voiceline.download_lists import (
    ALTERED,
    AWAITED,
    CUT,
    GONE,
    INDEX_HEAD,
    LOST,
    NONE,
    OK,
    README,
    WHY,
    Names,
    index_row,
)
from voiceline.downloads import Sent, note_progress, note_sent
from voiceline.errors import MissingObjectError, PermanentFailure, TemporaryFailure
from voiceline.models import PrivacyRequest, Voicemail
from voiceline.reach import bind
from voiceline.record_files import csv_line
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.rules.references import grouped

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from voiceline.downloads import Plan
    from voiceline.models import Download, User
    from voiceline.ports import ObjectStore

BATCH = 100
PROVEN = 500
"""Entries of the trail in one transaction."""

WITHOUT = {
    VoicemailStatus.ABSENT: NONE,
    VoicemailStatus.EXPIRED: GONE,
    VoicemailStatus.ERASED: GONE,
}
"""What is said of a message without audio; of all others it is awaited."""

CHUNK = 64 * 1024
IN_MEMORY = 1024 * 1024
"""Bytes of a list before it moves to the disk."""

BEAT = timedelta(seconds=2)
"""How often a download gives a sign of life."""

log = structlog.get_logger()


class Archive:
    """One archive on its way; whoever iterates it gets its bytes."""

    def __init__(
        self,
        sessions: Callable[[], Session],
        store: ObjectStore,
        download: Download,
        user: User,
        clock: Callable[[], datetime],
    ) -> None:
        self._open_session, self._store = sessions, store
        self._download, self._user, self._clock = download, user, clock
        self._zip = ZipStream()
        self._index, self._sums, self._problems = _long_list(), _long_list(), _long_list()
        self._index.write(("\ufeff" + csv_line(INDEX_HEAD)).encode())
        self._names = Names()
        self._sent = bytearray()

    def pieces(self, plan: Plan, business: str, zone: str) -> Generator[bytes]:
        """Yield the file; however it ends, what was sent is proven and the download is over."""
        made = f"{self._clock():%Y-%m-%d %H:%M}"
        readme = README.format(business=business, made=made, count=plan.count)
        try:
            yield from self._text("README.txt", readme.encode())
            for ids in _batches(plan.ids):
                yield from self._batch(ids, zone)
            for ids in _batches(plan.without):
                self._list_without(ids, zone)
            yield from self._ending()
            self._download.whole_at = self._clock()
        finally:
            for written in (self._index, self._sums, self._problems):
                written.close()
            self._download.ended_at = self._clock()
            self._note()
            self._prove()

    def _batch(self, ids: list[UUID], zone: str) -> Iterator[bytes]:
        for voicemail, request in _load(self._sessions, self._download.business_id, ids):
            yield from self._message(voicemail, request, zone)
            if self._clock() - self._download.seen_at >= BEAT:
                self._note()
        self._note()

    def _message(self, voicemail: Voicemail, request: PrivacyRequest, zone: str) -> Iterator[bytes]:
        name = self._names.of(voicemail, request, zone)
        result, digest = OK, hashlib.sha256()
        try:
            pieces = self._audio_of(voicemail)
        except MissingObjectError:
            result = self._why_missing(voicemail)
        except (TemporaryFailure, PermanentFailure):
            result = CUT
        else:
            kept = _Kept(_hashed(pieces, digest))
            self._zip.add(kept, name, size=voicemail.size)
            yield from self._zip.file()
            self._list_sum(name, digest.hexdigest())
            result = kept.result(digest.hexdigest() == voicemail.sha256)
            if result == OK:  # nobody's copy stays of what came altered or in part
                self._sent += voicemail.id.bytes + request.id.bytes
        self._download.done += 1
        self._download.done_size += voicemail.size or 0
        if result != OK:
            log.error("download.problem", voicemail=voicemail.id, kind=result)
            self._download.problems += 1
        self._list(name, voicemail, request, zone, result)

    def _list_without(self, ids: list[UUID], zone: str) -> None:
        for voicemail, request in _load(self._sessions, self._download.business_id, ids):
            self._list("", voicemail, request, zone, WITHOUT.get(voicemail.status, AWAITED))

    def _audio_of(self, voicemail: Voicemail) -> Iterator[bytes]:
        if voicemail.status != VoicemailStatus.STORED or not voicemail.object_key:
            raise MissingObjectError("the audio went while the archive was sent")
        size = voicemail.size or 0
        return self._store.stream(voicemail.object_key, 0, size - 1) if size else iter(())

    def _why_missing(self, voicemail: Voicemail) -> str:
        """Tell what expired on the way from what was lost."""
        with self._sessions() as session:
            status = session.scalar(select(Voicemail.status).where(Voicemail.id == voicemail.id))
        return LOST if status == VoicemailStatus.STORED else GONE

    def _list(
        self, name: str, voicemail: Voicemail, request: PrivacyRequest, zone: str, result: str
    ) -> None:
        row = index_row(name, voicemail, request, zone, result)
        self._index.write(csv_line(row).encode())
        if result != OK:
            problem = csv_line((name, grouped(request.reference), result, WHY[result]))
            self._problems.write(problem.encode())

    def _list_sum(self, name: str, sha256: str) -> None:
        self._sums.write(f"{sha256}  {name}\n".encode())

    def _ending(self) -> Iterator[bytes]:
        yield from self._listed("index.csv", self._index)
        if self._problems.tell():
            head = "\ufeff" + csv_line(("file", "reference", "result", "why"))
            yield from self._listed("problems.csv", self._problems, head.encode())
        yield from self._listed("SHA256SUMS.txt", self._sums)
        yield from self._zip.finalize()

    def _listed(self, name: str, file: IO[bytes], head: bytes = b"") -> Iterator[bytes]:
        digest = hashlib.sha256(head)
        file.seek(0)
        pieces = iter(lambda: file.read(CHUNK), b"")
        self._zip.add(chain([head], _hashed(pieces, digest)), name)
        yield from self._zip.file()
        file.seek(0, SEEK_END)
        self._list_sum(name, digest.hexdigest())

    def _text(self, name: str, data: bytes) -> Iterator[bytes]:
        self._zip.add(data, name)
        yield from self._zip.file()
        self._list_sum(name, hashlib.sha256(data).hexdigest())

    def _sessions(self) -> Session:
        return bind(self._open_session(), self._download.business_id)

    def _note(self) -> None:
        """Give a sign of life, and write down how far it is."""
        at = self._clock()
        self._download.seen_at = at
        with self._sessions() as session:
            note_progress(session, self._download, at=at)
            session.commit()

    def _prove(self) -> None:
        """Prove what was sent, some at a time: meanwhile nobody else of the business proves."""
        at, ids = self._clock(), [each for batch in _batches(self._sent) for each in batch]
        sent = [Sent(*pair) for pair in zip(ids[::2], ids[1::2], strict=True)]
        for start in range(0, len(sent), PROVEN):
            with self._sessions() as session:
                some = sent[start : start + PROVEN]
                note_sent(session, self._download, self._user, some, at=at)
                session.commit()


class _Kept:
    """Pieces of a message that end early rather than fail: the archive goes on."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._failed = pieces, False

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._pieces
        except (TemporaryFailure, PermanentFailure):
            self._failed = True

    def result(self, same: bool) -> str:  # noqa: FBT001 - there is nothing else to say
        if self._failed:
            return CUT
        return OK if same else ALTERED


def _batches(ids: bytes | bytearray) -> Iterator[list[UUID]]:
    step = 16 * BATCH
    for start in range(0, len(ids), step):
        some = bytes(ids[start : start + step])
        yield [UUID(bytes=some[at : at + 16]) for at in range(0, len(some), 16)]


def _long_list() -> IO[bytes]:
    """Answer a file without a name, which is gone with whoever holds it."""
    return tempfile.SpooledTemporaryFile(IN_MEMORY)


def _hashed(pieces: Iterator[bytes], digest: hashlib._Hash) -> Iterator[bytes]:
    """Yield the pieces, hashed: to hand them to another thread took longer than to hash them."""
    for piece in pieces:
        digest.update(piece)
        yield piece


def _load(
    sessions: Callable[[], Session], business_id: UUID, ids: list[UUID]
) -> list[tuple[Voicemail, PrivacyRequest]]:
    """Read the messages with their requests, in the order of the ids."""
    query = (
        select(Voicemail, PrivacyRequest)
        .join(PrivacyRequest, PrivacyRequest.call_id == Voicemail.call_id)
        .where(Voicemail.business_id == business_id, PrivacyRequest.business_id == business_id)
        .where(Voicemail.id.in_(ids))
        .options(joinedload(PrivacyRequest.service_code), selectinload(PrivacyRequest.rights))
    )
    with sessions() as session:
        found = {
            voicemail.id: (voicemail, request) for voicemail, request in session.execute(query)
        }
    return [found[each] for each in ids if each in found]
