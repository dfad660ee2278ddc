"""What Voiceline asks of its neighbours: one protocol where two real implementations exist.

Every method may raise TemporaryFailure (try again later) or PermanentFailure (park it), and
nothing of a vendor's. Audio is bytes of a WAV file; keys, ids and phone numbers are strings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from email.message import EmailMessage


@dataclass(frozen=True)
class Seal:
    """How an object is sealed, and what the store itself holds of it."""

    master_id: str
    """The master key that its data key is wrapped with."""
    sha256: str
    """Of the sealed bytes, as read back."""
    size: int


@dataclass(frozen=True)
class StoredObject:
    """What the object store holds under a key."""

    key: str
    size: int
    """Bytes."""
    sha256: str
    """Lower-case hex of the bytes as read back, never as claimed by the writer."""
    seal: Seal | None = None
    """None where it lies as it is."""


@dataclass(frozen=True)
class Listed:
    """An object as a listing names it."""

    key: str
    mark: str
    """Where the listing goes on, behind this one."""


class ObjectStore(Protocol):
    """Where voicemail audio lives: a folder, or S3."""

    def put(
        self, key: str, data: bytes, *, content_type: str, tags: Mapping[str, str]
    ) -> StoredObject:
        """Store `data` once and answer what was read back.

        The same bytes under the same key are a success (a job may run twice); other bytes raise
        ObjectConflictError and leave what is there. Bytes that read back differently raise
        TemporaryFailure.
        """

    def get(self, key: str) -> bytes:
        """Answer the whole object, or raise MissingObjectError."""

    def size(self, key: str) -> int:
        """Answer the object's length in bytes, or raise MissingObjectError."""

    def stream(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """Yield bytes `start`..`end` (both included) in chunks, or raise MissingObjectError."""

    def tags(self, key: str) -> dict[str, str]:
        """Answer the object's tags, or raise MissingObjectError."""

    def retag(self, key: str, tags: Mapping[str, str]) -> None:
        """Replace all tags; the object keeps its age. Raises MissingObjectError."""

    def delete(self, key: str) -> None:
        """Delete the object; deleting what is not there is a success."""

    def listed(self, prefix: str, *, after: str = "", limit: int = 1000) -> list[Listed]:
        """Answer the objects whose key begins so, in order, behind that mark; none: the end."""


class MasterKey(Protocol):
    """What wraps data keys: a key of the settings, or one that never leaves AWS KMS."""

    id: str
    """Short and no secret: written beside all that it wrapped."""

    def wrap(self, key: bytes, *, name: str) -> bytes:
        """Answer the data key of that object, wrapped."""

    def unwrap(self, wrapped: bytes, *, name: str) -> bytes:
        """Answer the data key; PermanentFailure where it is damaged or another object's."""


@dataclass(frozen=True)
class CarrierRecording:
    """One recording as the carrier lists it."""

    recording_id: str
    call_id: str
    recorded_at: datetime
    duration: int
    """Seconds, as the carrier counted them."""


@dataclass(frozen=True)
class CarrierCall:
    """One call as the carrier remembers it."""

    call_id: str
    from_number: str
    to_number: str
    started_at: datetime | None


class RecordingSource(Protocol):
    """Where the carrier keeps a recording until we have it."""

    def fetch(self, recording_id: str) -> bytes:
        """Answer the recording as a WAV file, checked to be one and to be whole.

        Raises MissingRecordingError on 404: just after a call that can mean "not yet".
        """

    def delete(self, recording_id: str) -> None:
        """Delete the carrier's copy; one that is gone already is a success."""

    def list_since(self, since: datetime) -> Iterator[CarrierRecording]:
        """Yield every completed recording made since then, over all the carrier's pages."""

    def find(self, recording_id: str) -> CarrierRecording | None:
        """Answer what the carrier remembers of a recording, also of one that was deleted."""

    def call(self, call_id: str) -> CarrierCall | None:
        """Answer who called whom, or None when the carrier does not know the call."""


@dataclass(frozen=True)
class Word:
    """One word of a transcript, with its place in the audio."""

    text: str
    start: float
    end: float
    confidence: float | None


@dataclass(frozen=True)
class TranscriptionJob:
    """What is to be transcribed; `key` makes submitting it twice harmless."""

    key: str
    audio: bytes
    language: str
    """`en` or `es`, as the caller chose on the phone."""


@dataclass(frozen=True)
class Transcription:
    """A finished transcript, always a machine's draft."""

    text: str
    language: str
    confidence: float | None
    words: tuple[Word, ...]
    engine: str
    engine_version: str


@dataclass(frozen=True)
class Pending:
    """The engine is still at work."""


@dataclass(frozen=True)
class Failed:
    """The engine gave up on this audio."""

    reason: str
    retryable: bool


class Transcriber(Protocol):
    """What turns audio into a draft: pocketsphinx here, others by the same contract."""

    name: str
    languages: frozenset[str]
    """Languages it can hear; others are skipped, never guessed at."""

    def warm_up(self) -> None:
        """Load whatever is slow to load, before work comes; may do nothing."""

    def submit(self, job: TranscriptionJob) -> str:
        """Start the job and answer its ticket; the same key answers the same ticket."""

    def poll(self, ticket: str) -> Pending | Transcription | Failed:
        """Answer how far the job is."""

    def discard(self, ticket: str) -> None:
        """Delete whatever the engine keeps of the job."""


@dataclass(frozen=True)
class ArchivePlace:
    """Where an enterprise's copies go, and by which role of theirs."""

    role_arn: str
    bucket: str
    region: str
    prefix: str
    """Empty, or ends with a slash."""
    owner: str
    """The account whose bucket it must be, twelve digits."""
    kms_key: str
    """The ARN of their key; empty: S3's own encryption."""
    policy: str
    """What a session may do at most, as AWS reads it."""
    session_seconds: int


@dataclass(frozen=True)
class ArchivedObject:
    """What the enterprise's bucket says that it has, compared with what was sent."""

    key: str
    size: int
    sha256: str
    version_id: str | None
    """Where the bucket keeps versions."""


class OpenArchive(Protocol):
    """An enterprise's bucket during a session of its role."""

    def put(self, name: str, data: bytes, *, content_type: str) -> ArchivedObject:
        """Put it below the prefix; ArchiveRefusal for what the enterprise must change."""

    def may_read(self, name: str) -> bool:
        """Tell whether the session could read: it must not."""

    def may_list(self) -> bool:
        """Tell whether the session could see what is in the bucket: it must not."""


class Archives(Protocol):
    """Sessions of enterprises' roles."""

    def assume(self, to: ArchivePlace, external_id: str | None) -> object:
        """Ask for a session of the role; ArchiveRefusal where none is given."""

    def bucket(self, to: ArchivePlace, external_id: str) -> OpenArchive:
        """Answer the bucket, with a session that lasts for a put."""

    def forget(self, to: ArchivePlace, external_id: str) -> None:
        """Use no session of before."""


class Mailer(Protocol):
    """What sends an e-mail: a folder of .eml files, or SMTP."""

    def send(self, message: EmailMessage) -> None:
        """Hand the message over; its Message-ID is the caller's deduplication key."""


class TextRecords(Protocol):
    """What the DNS says in text at a name."""

    def texts(self, name: str) -> list[str]:
        """Answer the texts, none where the name does not exist; TemporaryFailure for silence."""
