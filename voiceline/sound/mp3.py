"""Speech as MP3 for browsers: a quarter of the bytes of a WAV, and made of its samples alone.

The WAV is read by the standard library, which knows PCM and nothing else: no other reader of the
codecs' library ever sees what a caller, or a carrier, sent.
"""

from __future__ import annotations

import io
import wave

import av

from voiceline.errors import PermanentFailure

TYPE = "audio/mpeg"
RATE = 16_000
"""Hz. Telephone speech has 8,000; every browser plays MPEG-2's 16,000, not all play MPEG-2.5."""

BIT_RATE = 32_000
LARGEST = 32 * 1024 * 1024
"""Bytes of a WAV; the longest message the telephone takes is a third of it."""

_FORMATS = {1: "u8", 2: "s16"}
_LAYOUTS = {1: "mono", 2: "stereo"}
_PIECE = 16_000
"""Frames decoded at a time."""


def make_mp3(data: bytes) -> bytes:
    """Answer the WAV's sound as MP3, mono, of constant rate, so that a place in it is found.

    Raises PermanentFailure for what is no PCM of 8 or 16 bits, one or two channels.
    """
    if len(data) > LARGEST:
        raise PermanentFailure("the audio is too long for an MP3")
    try:
        with wave.open(io.BytesIO(data)) as file:
            made = _encode(file)
    except (wave.Error, EOFError, KeyError, ValueError, av.FFmpegError):
        made = b""
    if not made:
        raise PermanentFailure("no MP3 can be made of this audio")
    return made


def _encode(file: wave.Wave_read) -> bytes:
    layout, form = _LAYOUTS[file.getnchannels()], _FORMATS[file.getsampwidth()]
    resampler = av.AudioResampler(format="s16p", layout="mono", rate=RATE)
    out = io.BytesIO()
    with av.open(out, "w", format="mp3", options={"id3v2_version": "0"}) as container:
        stream = container.add_stream("libmp3lame", rate=RATE, options={"compression_level": "7"})
        stream.bit_rate, stream.layout = BIT_RATE, "mono"
        width = file.getnchannels() * file.getsampwidth()
        while len(frames := file.readframes(_PIECE)) >= width:
            frame = _frame(frames[: len(frames) // width * width], form, layout, file)
            for piece in resampler.resample(frame):
                container.mux(stream.encode(piece))
        for piece in resampler.resample(None):
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return out.getvalue()


def _frame(frames: bytes, form: str, layout: str, file: wave.Wave_read) -> av.AudioFrame:
    count = len(frames) // (file.getnchannels() * file.getsampwidth())
    frame = av.AudioFrame(format=form, layout=layout, samples=count)
    frame.sample_rate = file.getframerate()
    # The plane may be padded; what is behind the sound is not played.
    frame.planes[0].update(frames.ljust(frame.planes[0].buffer_size, b"\0"))
    return frame
