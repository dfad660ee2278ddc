"""The keeper of the cage: gives it a file, takes sound out of it, and survives whatever it does.

The file and the sound are in memory alone. However a decoder ends, the answer is sound or a
sentence; the exit status is logged, for whoever wants to know what was tried.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

import structlog

from voiceline.errors import TemporaryFailure, UserError
from voiceline.sound.kinds import ACCEPTED, recognise_sound
from voiceline.sound.verdict import RATE, SAMPLE_BYTES, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voiceline.sound.kinds import SoundKind

WALL_SECONDS = 20
WAITS_SECONDS = 2
"""How long an upload waits for a place: a thread that waits serves nobody else meanwhile."""

MOST_AT_ONCE = 2
"""Cages of one process of ours; who comes next waits for a place, and not for long."""

SHORTEST_SECONDS = 0.5
DECODER = (sys.executable, "-I", "-m", "voiceline.sound.decoder")

_places = BoundedSemaphore(MOST_AT_ONCE)
_log = structlog.get_logger()


def decode_sound(data: bytes, *, longest: int) -> bytes:
    """Answer a sound file's samples, 16 bit, mono, 8 kHz, or raise UserError saying why not.

    `longest` is in seconds. Raises TemporaryFailure when all cages are taken for long.
    """
    kind = recognise_sound(data)
    with _place():
        status, sound = _run(data, kind, longest)
    if status != Verdict.WHOLE:
        _log.warning("sound.not_decoded", kind=kind.demuxer, status=status)
    enough = len(sound) > SHORTEST_SECONDS * RATE * SAMPLE_BYTES
    if status == Verdict.WHOLE or (status == Verdict.DAMAGED and enough):
        return _checked(sound, enough=enough)
    raise UserError(_why(status, kind, longest))


def _checked(sound: bytes, *, enough: bool) -> bytes:
    if not sound:
        raise UserError("There is no sound in this file: choose another one, or record again.")
    if not enough:
        raise UserError("This is shorter than half a second: choose another file, or record again.")
    return sound


def _why(status: int, kind: SoundKind, longest: int) -> str:
    words = {
        Verdict.NO_SOUND: "There is no sound in this file: choose another one.",
        Verdict.UNKNOWN_CODEC: f"This {kind.label} file holds sound in a form we do not read. "
        f"Save it as MP3 or WAV and try again; we take {ACCEPTED}.",
        Verdict.TOO_LONG: f"This is longer than {longest // 60} minutes. Callers wait for the tone "
        "meanwhile: shorten it and try again.",
    }
    damaged = (
        f"We could not read this file as sound: it says that it is {kind.label}, but it is damaged "
        f"or not finished. Save it again, as MP3 or WAV, and try once more; we take {ACCEPTED}."
    )
    return next((text for known, text in words.items() if known == status), damaged)


def _run(data: bytes, kind: SoundKind, longest: int) -> tuple[int, bytes]:
    """Start a cage and wait for its end; answer its exit status and what it wrote."""
    with _memory() as file, _memory() as sound:
        os.write(file, data)
        os.lseek(file, 0, os.SEEK_SET)
        status = _start(file, sound, kind.demuxer, str(longest))
        size = min(os.fstat(sound).st_size, longest * RATE * SAMPLE_BYTES)
        return status, os.pread(sound, size, 0)


def _start(file: int, sound: int, *arguments: str) -> int:
    """Run the decoder with an empty environment; a signal that ended it is a negative status."""
    decoder = subprocess.Popen(
        [*DECODER, *arguments],
        stdin=file,
        stdout=sound,
        stderr=subprocess.DEVNULL,
        env={},
        cwd="/",
        start_new_session=True,
    )
    try:
        return decoder.wait(WALL_SECONDS)
    except subprocess.TimeoutExpired:
        decoder.kill()
        return decoder.wait()


@contextmanager
def _memory() -> Iterator[int]:
    """Open a file that is nowhere but in memory."""
    number = os.memfd_create("sound")
    try:
        yield number
    finally:
        os.close(number)


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(timeout=WAITS_SECONDS):
        raise TemporaryFailure("all places for decoding are taken")
    try:
        yield
    finally:
        _places.release()
