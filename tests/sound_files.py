"""Sound files of every kind we take, made here: what telephones, browsers and studios write."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import av
import numpy as np

FORMS: dict[str, tuple[str, str, int]] = {
    "wav": ("wav", "pcm_s16le", 44_100),
    "wav8": ("wav", "pcm_u8", 8_000),
    "wav24": ("wav", "pcm_s24le", 48_000),
    "mulaw": ("wav", "pcm_mulaw", 8_000),
    "studio": ("wav", "pcm_f64le", 384_000),
    "mp3": ("mp3", "libmp3lame", 44_100),
    "m4a": ("ipod", "aac", 44_100),
    "alac": ("ipod", "alac", 44_100),
    "aac": ("adts", "aac", 44_100),
    "ogg": ("ogg", "vorbis", 44_100),
    "opus": ("ogg", "libopus", 48_000),
    "webm": ("webm", "libopus", 48_000),
    "flac": ("flac", "flac", 44_100),
    "amr": ("amr", "libopencore_amrnb", 8_000),
    "3gp": ("3gp", "libopencore_amrnb", 8_000),
}
"""A name for each form: its container, its encoder and the samples in a second."""


def tone_of(seconds: float, rate: int = 8_000, *, loud: float = 0.3, pitch: float = 440) -> Any:
    """Answer samples from -1 to 1 of a tone."""
    return loud * np.sin(2 * np.pi * pitch * np.arange(round(seconds * rate)) / rate)


@cache
def sound_file(form: str = "wav", *, seconds: float = 1.0, loud: float = 0.3) -> bytes:
    """Make a file with a tone in it."""
    container, codec, rate = FORMS[form]
    return encoded(container, codec, rate, tone_of(seconds, rate, loud=loud))


def encoded(container: str, codec: str, rate: int, samples: Any, **metadata: str) -> bytes:
    """Make a file of the samples; what stands in `metadata` is written into its tags."""
    out = io.BytesIO()
    with av.open(out, "w", format=container) as file:
        file.metadata.update(metadata)
        layout = "stereo" if codec == "vorbis" else "mono"  # FFmpeg's own knows no other
        stream: Any = file.add_stream(codec, rate=rate, layout=layout, options={"strict": "-2"})
        if "amr" in codec:
            stream.bit_rate = 12_200
        shape = av.AudioFrame.from_ndarray(
            (samples * 32767).astype("<i2").reshape(1, -1), format="s16", layout="mono"
        )
        shape.sample_rate = rate
        for packet in _packets(stream, shape):
            file.mux(packet)
    return out.getvalue()


def _packets(stream: Any, frame: Any) -> Any:
    context = stream.codec_context
    resampler = av.AudioResampler(
        context.format, context.layout, context.sample_rate, frame_size=context.frame_size or 0
    )
    for piece in [*resampler.resample(frame), *(resampler.resample(None) or [])]:
        if piece is not None:
            yield from stream.encode(piece)
    yield from stream.encode(None)
