"""Which sound files we take: told by their first bytes alone, whatever they are called.

Whoever guesses the format can be led to a reader of play lists, which opens what they name. So
each kind here names the one reader that will see the file; what is none of them, none will see.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voiceline.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

ID3_HEADER = 10
MOST_TAGS = 4
PADDING = 4096
"""Bytes after a tag that may be empty before the sound begins."""

MPEG_LAYER_3 = 0b01


@dataclass(frozen=True)
class SoundKind:
    """A kind of file, and the one reader it is given to."""

    label: str
    demuxer: str
    extensions: tuple[str, ...]
    fits: Callable[[bytes], bool]


def _is_wav(data: bytes) -> bool:
    return data[:4] in {b"RIFF", b"RF64"} and data[8:12] == b"WAVE"


def _is_mp3(data: bytes) -> bool:
    head = _behind_id3(data)
    return _is_mpeg_frame(head) and (head[1] >> 1) & 0b11 == MPEG_LAYER_3


def _is_aac(data: bytes) -> bool:
    head = _behind_id3(data)
    return _is_mpeg_frame(head) and head[1] & 0b0110 == 0


def _is_mp4(data: bytes) -> bool:
    return data[4:8] == b"ftyp"


def _begins(mark: bytes) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(mark)


KINDS = (
    SoundKind("WAV", "wav", (".wav",), _is_wav),
    SoundKind("MP3", "mp3", (".mp3",), _is_mp3),
    SoundKind("M4A", "mov", (".m4a", ".mp4", ".3gp"), _is_mp4),
    SoundKind("AAC", "aac", (".aac",), _is_aac),
    SoundKind("Ogg or Opus", "ogg", (".ogg", ".oga", ".opus"), _begins(b"OggS")),
    SoundKind("WebM", "matroska", (".webm",), _begins(b"\x1aE\xdf\xa3")),
    SoundKind("FLAC", "flac", (".flac",), _begins(b"fLaC")),
    SoundKind("AMR", "amr", (".amr",), _begins(b"#!AMR")),
)
"""What we take; the first that fits counts."""

ACCEPTED = ", ".join(kind.label for kind in KINDS[:-1]) + f" and {KINDS[-1].label}"
ENDINGS = tuple(ending for kind in KINDS for ending in kind.extensions)


def recognise_sound(data: bytes) -> SoundKind:
    """Answer what kind of file it is, or raise UserError, which says what is taken."""
    if not data:
        raise UserError("The file is empty: choose another one.")
    for kind in KINDS:
        if kind.fits(data):
            return kind
    raise UserError(
        f"This is not a sound file of a kind we can read. We take {ACCEPTED}; what counts is "
        "what is in the file, not its name."
    )


def _is_mpeg_frame(head: bytes) -> bool:
    return len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0  # noqa: PLR2004 - eleven bits set


def _behind_id3(data: bytes) -> bytes:
    """Answer the first bytes behind tags, whose length is written in sevens of bits."""
    at = 0
    for _ in range(MOST_TAGS):
        head = data[at : at + ID3_HEADER]
        if not head.startswith(b"ID3"):
            break
        length = 0
        for byte in head[6:]:
            length = length << 7 | byte & 0x7F
        at += ID3_HEADER + length
    return data[at : at + PADDING].lstrip(b"\x00")[:4]
