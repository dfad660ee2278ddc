"""The cage: one sound file on standard input, telephone sound on standard output, nothing else.

A program of its own, `python -I -m voiceline.sound.decoder DEMUXER SECONDS`, since it runs half a
million lines of C on a stranger's bytes. Before the first of them is looked at it gives up what no
greeting needs: memory, time, other processes, every file and every connection. It tells by its
exit status how it went; a crash is a status as well.
"""

from __future__ import annotations

import io
import resource
import sys
from typing import TYPE_CHECKING, BinaryIO, cast

import av

# what PyAV would look for on the disk only when it needs it, and then could not open
import av.audio.codeccontext
import av.audio.stream
import av.subtitles.codeccontext
import av.subtitles.stream
import av.video.codeccontext
import av.video.stream

from voiceline.sound.verdict import RATE, SAMPLE_BYTES, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.container import InputContainer

MEMORY = 768 * 2**20
CPU_SECONDS = 15
OVERHANG_SECONDS = 2
"""How much more than the longest may be written: the rest of a frame, never a disk full."""

CODECS = frozenset(
    {
        *("pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le"),
        *("pcm_alaw", "pcm_mulaw"),
        *("mp3", "aac", "alac", "opus", "vorbis", "flac", "amr_nb", "amr_wb"),
    }
)
"""What telephones, browsers and studios write; the hundreds of others stay shut."""

DECODERS = CODECS | {"mp3float", "libopus", "amrnb", "amrwb"}
"""The same by the names of those who decode them."""

ERRORS = (av.FFmpegError, ValueError)


def limit(seconds: int) -> None:
    """Give up what no greeting needs, for good."""
    most = (seconds + OVERHANG_SECONDS) * RATE * SAMPLE_BYTES
    for what, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, most),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
        # no number is left for another file or a connection
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(what, (value, value))


def decode(data: bytes, demuxer: str, seconds: int, out: BinaryIO) -> Verdict:
    """Write the file's first sound as 16-bit mono at 8 kHz; more than `seconds` is too long."""
    options = {"codec_whitelist": ",".join(DECODERS), "format_whitelist": demuxer}
    try:
        container = av.open(
            io.BytesIO(data), format=demuxer, options=options, metadata_errors="ignore"
        )
        if not container.streams.audio:
            return Verdict.NO_SOUND
        context = container.streams.audio[0].codec_context
        # of a codec that nobody here decodes there is no context, whatever the annotation says
        if not context or context.codec.canonical_name not in CODECS:
            return Verdict.UNKNOWN_CODEC
    except ERRORS:
        return Verdict.DAMAGED
    left, frames = seconds * RATE, _Frames(cast("InputContainer", container))
    for sound in frames:
        out.write(sound)
        left -= len(sound) // SAMPLE_BYTES
        if left < 0:
            return Verdict.TOO_LONG
    return Verdict.DAMAGED if frames.damaged else Verdict.WHOLE


class _Frames:
    """The sound of one stream, piece by piece; what cannot be decoded is left out and noted."""

    def __init__(self, container: InputContainer) -> None:
        stream = container.streams.audio[0]
        stream.codec_context.thread_type = "NONE"  # none could be started
        self.damaged = False
        self._packets = container.demux(stream)
        self._resampler = _resampler()

    def __iter__(self) -> Iterator[bytes]:
        for frame in self._decoded():
            yield from self._resampled(frame)
        yield from self._resampled(None)

    def _decoded(self) -> Iterator[av.AudioFrame]:
        while True:
            try:
                packet = next(self._packets, None)
                frames = packet.decode() if packet is not None else []
            except ERRORS:
                self.damaged = True  # and where it was reading that failed, there is no next packet
                continue
            if packet is None:
                return
            yield from frames

    def _resampled(self, frame: av.AudioFrame | None) -> Iterator[bytes]:
        """Answer the frame as telephone sound; None asks for what is still held back."""
        if frame is not None:
            frame.pts = None
        try:
            pieces = self._resampler.resample(frame)
        except ERRORS:
            # the rate or the channels changed midway
            self.damaged, self._resampler = True, _resampler()
            return
        for piece in filter(None, pieces):
            yield bytes(piece.planes[0])[: piece.samples * SAMPLE_BYTES]


def _resampler() -> av.AudioResampler:
    return av.AudioResampler("s16", "mono", RATE)


def main(demuxer: str, seconds: str) -> int:
    """Take apart what is on standard input."""
    limit(int(seconds))
    return decode(sys.stdin.buffer.read(), demuxer, int(seconds), sys.stdout.buffer)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
