"""Record: the beep, the caller's voice until something ends it, the file, and who is told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from . import parameters
from .audio import (
    FRAME,
    RATE,
    Samples,
    is_silent,
    seconds_of,
    silence,
    trailing_silence,
    trim_silence,
    write_wav,
)
from .errors import CallerHungUp, CallOver, CarrierFault
from .ids import new_sid
from .resources import RecordingRow

if TYPE_CHECKING:
    from .caller import Spoken
    from .live import LiveCall, Step
    from .verbs import Record

BEEP = 0.4
PIECE = 0.2
"""Seconds between two looks at how the recording goes."""
TOO_SHORT, ALL_SILENT = 16101, 16102
HANGUP = "hangup"


@dataclass(frozen=True)
class _Taken:
    samples: Samples
    digits: str
    """The key that ended it, `hangup`, or '' for silence and the limit."""


def record(call: LiveCall, verb: Record) -> Step | None:
    """Record the caller; answer the action to request, None when the recording came to nothing.

    A caller who hangs up is still recorded: the action is requested, its answer goes nowhere.
    """
    if verb.play_beep:
        call.tell("beep", seconds=BEEP)
        call.party.listen(BEEP)
    row = _open(call, verb)
    call.party.recording()
    call.tell(
        "recording",
        recording=row.sid,
        max_length=verb.max_length,
        finish_on_key=verb.finish_on_key,
        timeout=verb.timeout,
    )
    taken = _take(call, verb)
    row = _close(call, verb, row, taken)
    if call.office.faults.strikes("actions_lost"):
        raise CallOver("cut_off")
    return _go_on(call, verb, row, taken)


def _take(call: LiveCall, verb: Record) -> _Taken:
    pieces = [silence(0)]
    length, quiet = 0, 0.0
    while True:
        room = verb.max_length * RATE - length
        spoken = call.party.speak(min(PIECE, room / RATE))
        pieces.append(spoken.samples[:room])
        length += len(pieces[-1])
        quiet = _quiet_since(quiet, pieces[-1])
        end = _ending(verb, spoken, quiet, full=length >= verb.max_length * RATE)
        if end is not None:
            return _Taken(np.concatenate(pieces), end)


def _quiet_since(before: float, piece: Samples) -> float:
    quiet = trailing_silence(piece)
    return before + quiet if quiet >= seconds_of(piece) else quiet


def _ending(verb: Record, spoken: Spoken, quiet: float, *, full: bool) -> str | None:
    if spoken.hung_up:
        return HANGUP
    if spoken.key and spoken.key in verb.finish_on_key:
        return spoken.key
    # Pieces are added up as fractions; a frame more or less is nobody's silence.
    silent = verb.timeout and quiet >= verb.timeout - FRAME / RATE
    return "" if full or silent else None


def _open(call: LiveCall, verb: Record) -> RecordingRow:
    now = call.clock.now()
    row = RecordingRow(new_sid("RE"), call.row.sid, "in-progress", now, now)
    call.office.save_recording(row)
    _notify(call, verb, row)
    return row


def _close(call: LiveCall, verb: Record, row: RecordingRow, taken: _Taken) -> RecordingRow:
    error = _nothing_in(taken.samples) if call.office.silence_absent else None
    if error:
        row = replace(row, status="absent", error_code=error)
        call.office.save_recording(row)
    else:
        trimmed = verb.trim == "trim-silence"
        audio = trim_silence(taken.samples) if trimmed else taken.samples
        row = replace(row, status="completed", duration=_whole(audio))
        call.office.save_recording(row, write_wav(audio))
        call.recordings.append(row.sid)
    call.tell(
        "recorded",
        recording=row.sid,
        status=row.status,
        seconds=round(seconds_of(taken.samples), 2),
        ended_by=taken.digits or "silence or limit",
    )
    _notify(call, verb, row)
    return row


def _nothing_in(samples: Samples) -> int | None:
    if seconds_of(samples) < 1:
        return TOO_SHORT
    return ALL_SILENT if is_silent(samples) else None


def _notify(call: LiveCall, verb: Record, row: RecordingRow) -> None:
    wanted = row.status in verb.recording_status_callback_event
    if not (verb.recording_status_callback and wanted):
        return
    office = call.office
    params = parameters.recording_event(office.account_sid, _url(call, row), row, row.status)
    url = call.resolve(verb.recording_status_callback)
    office.call_back(url, verb.recording_status_callback_method, params)


def _go_on(call: LiveCall, verb: Record, row: RecordingRow, taken: _Taken) -> Step | None:
    gone = taken.digits == HANGUP
    if gone:
        call.status = "completed"
        call.tell("hangup", by="caller")
    if row.status == "absent":
        # Nothing was recorded, so there is no action to tell it to.
        if gone:
            raise CallerHungUp
        return None
    params = parameters.record_action(
        _url(call, row), row, seconds=_whole(taken.samples), digits=taken.digits
    )
    step = call.next_step(verb.action, verb.method, params)
    if not gone:
        return step
    try:
        call.request(step)
    except CarrierFault as fault:
        call.office.alert(fault, call.row.sid)
    raise CallerHungUp


def _url(call: LiveCall, row: RecordingRow) -> str:
    return parameters.recording_url(call.office.rest_url, call.office.account_sid, row.sid)


def _whole(samples: Samples) -> int:
    return round(seconds_of(samples))
