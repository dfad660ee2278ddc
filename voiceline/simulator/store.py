"""Calls and recordings in a folder: one JSON file a row, one WAV file a recording."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .resources import CallRow, RecordingRow, Row, call_from_json, recording_from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OPEN_STATES = frozenset({"queued", "ringing", "in-progress"})


class Store:
    """What the carrier remembers; safe between threads, whole again after a restart.

    A file appears under its name only when it is complete, so a killed process leaves rows that
    are old or new, never half.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.RLock()
        self._calls: dict[str, CallRow] = {}
        self._recordings: dict[str, RecordingRow] = {}
        self._completed: dict[str, float] = {}
        for name in ("calls", "recordings"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self._load()

    def save_call(self, call: CallRow) -> None:
        """Keep the call as it stands."""
        with self._lock:
            self._write_row("calls", call)
            self._calls[call.sid] = call

    def save_recording(self, recording: RecordingRow, wav: bytes | None = None) -> None:
        """Keep the recording; the audio is on disk before the row says that it is."""
        with self._lock:
            if wav is not None:
                _write(self._media(recording.sid), wav)
                self._completed[recording.sid] = time.monotonic()
            self._write_row("recordings", recording)
            self._recordings[recording.sid] = recording

    def call(self, sid: str) -> CallRow | None:
        """Answer the call, if there is one."""
        with self._lock:
            return self._calls.get(sid)

    def recording(self, sid: str) -> RecordingRow | None:
        """Answer the recording, deleted or not."""
        with self._lock:
            return self._recordings.get(sid)

    def media(self, sid: str) -> bytes | None:
        """Answer the recording's WAV file, None while there is none or no more."""
        with self._lock:
            row = self._recordings.get(sid)
            if row is None or row.status != "completed" or row.deleted_at:
                return None
            return self._media(sid).read_bytes()

    def completed_moment(self, sid: str) -> float:
        """Answer the monotonic moment at which the media became complete; long ago = 0."""
        with self._lock:
            return self._completed.get(sid, -1e9)

    def delete_recording(self, row: RecordingRow) -> None:
        """Drop the audio and keep the row, marked as deleted."""
        with self._lock:
            self.save_recording(row)
            self._media(row.sid).unlink(missing_ok=True)

    def calls(self) -> list[CallRow]:
        """Answer all calls, newest first."""
        with self._lock:
            return sorted(self._calls.values(), key=_age, reverse=True)

    def recordings(self) -> list[RecordingRow]:
        """Answer all recordings, newest first, deleted ones included."""
        with self._lock:
            return sorted(self._recordings.values(), key=_age, reverse=True)

    def _media(self, sid: str) -> Path:
        return self._folder / "recordings" / f"{sid}.wav"

    def _write_row(self, kind: str, row: Row) -> None:
        text = json.dumps(to_json(row))
        _write(self._folder / kind / f"{row.sid}.json", text.encode())

    def _load(self) -> None:
        for row in self._rows("calls", call_from_json):
            # Nobody is on a line that a dead process held.
            lost = row.status in OPEN_STATES
            self._calls[row.sid] = replace(row, status="failed") if lost else row
        for recording in self._rows("recordings", recording_from_json):
            lost = recording.status in OPEN_STATES
            self._recordings[recording.sid] = (
                replace(recording, status="absent") if lost else recording
            )

    def _rows(self, kind: str, read: Callable[[dict[str, Any]], Any]) -> list[Any]:
        found = []
        for path in (self._folder / kind).glob("*.json"):
            with contextlib.suppress(ValueError, TypeError, KeyError):
                found.append(read(json.loads(path.read_text())))
        return found


def _age(row: Row) -> tuple[float, str]:
    return row.created_at.timestamp(), row.sid


def _write(path: Path, data: bytes) -> None:
    """Write the file whole: under another name first, then renamed."""
    draft = path.with_suffix(f".{threading.get_ident()}.draft")
    draft.write_bytes(data)
    draft.replace(path)
