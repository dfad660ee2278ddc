"""The outline of a message as a picture: bars of an SVG, made on the server, seen without scripts.

A library in the browser would draw the same from the same numbers; the page would ask twice more
for it, and the first press on Play would wait.
"""

from __future__ import annotations

from voiceline.waveform import LOUDEST

HIGH = 100
_LOWEST = 2
"""Of a bar, in hundredths: silence is a line and not a gap."""


def outline(peaks: bytes) -> str:
    """Answer a path with a bar for each loudness, one wide, in a picture 100 high."""
    return "".join(
        f"M{place}.5 {(HIGH - high) // 2}v{high}"
        for place, peak in enumerate(peaks)
        for high in [max(_LOWEST, peak * HIGH // LOUDEST)]
    )
