"""The carrier's rows: numbers, calls and recordings, and their JSON on disk."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from .ids import steady_sid


@dataclass(frozen=True)
class Number:
    """A telephone number and the application behind it."""

    phone_number: str
    voice_url: str = ""
    voice_method: str = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"
    friendly_name: str = ""

    @property
    def sid(self) -> str:
        """The same for the same number, in every run."""
        return steady_sid("PN", self.phone_number)


@dataclass(frozen=True)
class CallRow:
    """One call as the REST API tells it."""

    sid: str
    from_number: str
    to_number: str
    status: str
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    duration: int = 0
    """Seconds since it was answered."""
    direction: str = "inbound"
    """`inbound`, or `outbound-api` for a call that the REST API placed."""


@dataclass(frozen=True)
class RecordingRow:
    """One recording as the REST API tells it; the audio is in the file beside it."""

    sid: str
    call_sid: str
    status: str
    created_at: datetime
    started_at: datetime
    duration: int = 0
    """Whole seconds, after trimming."""
    error_code: int | None = None
    deleted_at: datetime | None = None


Row = CallRow | RecordingRow


def to_json(row: Row) -> dict[str, Any]:
    """Answer the row with its moments in ISO 8601."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(row).items()
    }


def call_from_json(written: dict[str, Any]) -> CallRow:
    """Answer the call that `to_json` wrote."""
    return CallRow(**_moments(written, CallRow))


def recording_from_json(written: dict[str, Any]) -> RecordingRow:
    """Answer the recording that `to_json` wrote."""
    return RecordingRow(**_moments(written, RecordingRow))


def _moments(written: dict[str, Any], kind: type[Row]) -> dict[str, Any]:
    known = {field.name for field in fields(kind)}
    return {
        name: datetime.fromisoformat(value) if name.endswith("_at") and value else value
        for name, value in written.items()
        if name in known
    }
