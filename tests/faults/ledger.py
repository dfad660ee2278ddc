"""A carrier that remembers what it recorded, and catches whoever deletes it too early."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voiceline.simulator import Carrier
from voiceline.simulator.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from voiceline.simulator import CarrierConfig
    from voiceline.simulator.resources import RecordingRow

SHORTEST = 1
"""Seconds; a shorter recording is somebody who hung up at the tone."""


@dataclass
class Ledger:
    """SHA-256 of each WAV the carrier ever had, and its recordings that were deleted too early."""

    sha256: dict[str, str] = field(default_factory=dict)
    too_early: list[str] = field(default_factory=list)
    is_safe: Callable[[str, str], bool] = lambda _recording, _sha256: True
    """Whether our store holds the recording's very bytes at this moment."""


class KeepingCarrier(Carrier):
    """The simulated carrier with a ledger beside it."""

    def __init__(self, config: CarrierConfig) -> None:
        super().__init__(config)
        self.ledger = Ledger()
        self.held: list[tuple[str, str, dict[str, str]]] | None = None
        """Callbacks kept back, once this is a list: a scenario sends them when it wants."""
        self.store = _KeepingStore(config.data_dir, self.ledger)

    def call_back(self, url: str, method: str, params: Mapping[str, str]) -> None:
        if self.held is None:
            super().call_back(url, method, params)
        else:
            self.held.append((url, method, dict(params)))

    def standing(self) -> dict[str, RecordingRow]:
        """Answer the recording of each call that must be kept: the last one long enough."""
        by_call: dict[str, list[RecordingRow]] = defaultdict(list)
        for row in self.store.recordings():
            if row.sid in self.ledger.sha256 and row.duration >= SHORTEST:
                by_call[row.call_sid].append(row)
        return {call: max(rows, key=lambda row: row.created_at) for call, rows in by_call.items()}


class _KeepingStore(Store):
    def __init__(self, folder: Path, ledger: Ledger) -> None:
        super().__init__(folder)
        self._ledger = ledger

    def save_recording(self, recording: RecordingRow, wav: bytes | None = None) -> None:
        if wav is not None:
            self._ledger.sha256[recording.sid] = hashlib.sha256(wav).hexdigest()
        super().save_recording(recording, wav)

    def delete_recording(self, row: RecordingRow) -> None:
        later = [r for r in self.recordings() if r.call_sid == row.call_sid and r.sid != row.sid]
        replaced = any(other.created_at > row.created_at for other in later)
        sha256 = self._ledger.sha256.get(row.sid, "")
        if not replaced and not self._ledger.is_safe(row.sid, sha256):
            self._ledger.too_early.append(row.sid)
        super().delete_recording(row)
