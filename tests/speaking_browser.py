"""Chromium with a microphone that says what we know, and how like that a recording is."""

from __future__ import annotations

import wave
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from chromium import CHROMIUM

from voiceline.simulator.audio import RATE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page, Playwright

BLIND = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
ONLY_LOOPBACK = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
MICROPHONE_RATE = 48_000
PIECE = RATE // 10
"""A tenth of a second: Chromium's fake device slips about once a second, busy machine or not."""
FEWEST = 5
"""Pieces that must have sound all through."""
LIKE = 0.7
"""From here on a recording is of what was said: another sound comes to 0.4, and on a machine that
hardly gets on the slips leave 0.8."""


def voice_file(path: Path) -> Path:
    """Write a 48 kHz file of eight seconds in which no second is like another."""
    chance = np.random.default_rng(7)
    moments = np.arange(8 * MICROPHONE_RATE) / MICROPHONE_RATE
    phases = sum(
        np.sin(2 * np.pi * (pitch * moments + 40 * np.sin(2 * np.pi * moments * slow + shift)))
        for pitch, slow, shift in chance.uniform((300, 0.1, 0), (2800, 1.7, 6.3), (6, 3))
    )
    with wave.open(str(path), "wb") as writer:
        writer.setparams((1, 2, MICROPHONE_RATE, 0, "NONE", ""))
        writer.writeframes((phases * 4000).astype("<i2").tobytes())
    return path


@contextmanager
def speaking_browser(player: Playwright, profile: Path, microphone: Path) -> Iterator[Page]:
    """Yield a page of a Chromium that has the file for a microphone."""
    context = player.chromium.launch_persistent_context(
        profile,
        executable_path=CHROMIUM,
        headless=True,
        permissions=["microphone"],
        viewport={"width": 1280, "height": 900},
        args=[*QUIET, *BLIND, ONLY_LOOPBACK, f"--use-file-for-fake-audio-capture={microphone}"],
    )
    page = context.pages[0]
    page.set_default_timeout(30_000)
    yield page
    context.close()


def likeness(heard: Any, said: Any) -> float:
    """Answer how like a recording is to what the microphone said: the median of its pieces.

    1 is the same sound; another sound comes to 0.4. Few pieces have a slip inside. Where Chromium
    hardly gets on it hands silence over in between, which tells nothing; but of half a second, in
    all, something must have come.
    """
    pieces = [heard[at : at + PIECE] for at in range(0, len(heard) - PIECE + 1, PIECE)]
    loud = [piece for piece in pieces if _is_whole(piece)]
    if len(loud) < FEWEST:
        return 0.0
    return float(np.median([best_correlation(piece, said) for piece in loud]))


def _is_whole(piece: Any) -> bool:
    """Tell whether sound came all the time: no hundredth of a second is silent."""
    parts = piece.reshape(10, -1)
    return bool((np.abs(parts).max(axis=1) > 0).all())


def best_correlation(piece: Any, reference: Any) -> float:
    """Answer how like the piece is to the place of the looped reference that is most like it."""
    wide = np.concatenate([reference, reference[: len(piece)]]).astype(float)
    piece = piece - piece.mean()
    size = len(wide) + len(piece)
    product = np.fft.irfft(np.fft.rfft(wide, size) * np.conj(np.fft.rfft(piece, size)), size)
    squares = np.concatenate([[0], np.cumsum(wide**2)])
    places = len(wide) - len(piece)
    norms = np.sqrt(squares[len(piece) : len(piece) + places] - squares[:places])
    return float((product[:places] / (norms * np.linalg.norm(piece) + 1e-9)).max())
