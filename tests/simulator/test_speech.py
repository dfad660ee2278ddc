from __future__ import annotations

import shutil

import pytest

from voiceline.simulator.audio import is_silent, read_wav
from voiceline.simulator.speech import PROGRAM, Speech, spoken_seconds


@pytest.mark.skipif(shutil.which(PROGRAM) is None, reason="espeak-ng is not installed")
@pytest.mark.parametrize(
    ("text", "language"), [("-v dangerous text", "en-US"), ("Diga su nombre.", "es-US")]
)
def test_texts_are_spoken_once_and_kept(tmp_path, text, language):
    speech = Speech(tmp_path)

    wav = speech.speak(text, language)

    assert not is_silent(read_wav(wav))
    assert spoken_seconds(wav) > 0.5
    assert speech.speak(text, language) == wav
    assert [path.suffix for path in tmp_path.iterdir()] == [".wav"]


def test_without_the_program_nothing_is_spoken(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert Speech(tmp_path).speak("Hello.", "en-US") is None


def test_a_program_that_fails_leaves_nothing_behind(tmp_path, monkeypatch):
    fake = tmp_path / PROGRAM
    fake.write_text("#!/bin/sh\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    folder = tmp_path / "speech"

    spoken = Speech(folder).speak("Hello.", "en-US")

    assert (spoken, list(folder.iterdir())) == (None, [])
