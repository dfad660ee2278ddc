"""A stranger's file becomes our WAV, whatever kind it is; the cage holds whatever is in it."""

from __future__ import annotations

import io
import os
import wave

import numpy as np
import pytest
from sound_files import FORMS, encoded, sound_file, tone_of

from voiceline.errors import TemporaryFailure, UserError
from voiceline.sound import keeper
from voiceline.sound.kinds import recognise_sound
from voiceline.sound.loudness import Doubt
from voiceline.sound.reading import read_greeting
from voiceline.sound.verdict import Verdict
from voiceline.wav import check_greeting, duration_ms


@pytest.mark.parametrize("form", FORMS)
def test_every_kind_of_file_becomes_telephone_sound(form):
    read = read_greeting(sound_file(form))

    check_greeting(read.wav)
    assert duration_ms(read.wav) == pytest.approx(1000, abs=100)
    assert not read.doubts


def test_the_sound_stays_what_it_was():
    read = read_greeting(sound_file("mp3"))

    heard = samples_of(read.wav)[1000:7000]
    pitch = np.abs(np.fft.rfft(heard)).argmax() * 8000 / len(heard)
    assert pitch == pytest.approx(440, abs=3)


def test_a_loud_and_a_soft_voice_are_as_loud_as_each_other():
    loud, soft = (read_greeting(sound_file(loud=level)) for level in (0.9, 0.02))

    levels = [np.sqrt(np.mean(samples_of(each.wav).astype(float) ** 2)) for each in (loud, soft)]
    assert levels[0] == pytest.approx(levels[1], rel=0.02)


def test_no_peak_is_cut_by_making_it_louder():
    click = tone_of(2, loud=0.01)
    click[8000] = 0.5

    read = read_greeting(encoded("wav", "pcm_s16le", 8000, click))

    heard = np.abs(samples_of(read.wav).astype(int))
    assert heard.max() < 32_000
    assert heard.argmax() == 8000


def test_what_cannot_be_decoded_is_refused_with_what_to_do():
    broken = sound_file("m4a")[:600]

    with pytest.raises(UserError, match="as MP3 or WAV") as refused:
        read_greeting(broken)

    assert "damaged or not finished" in str(refused.value)


def test_a_codec_nobody_records_with_stays_shut():
    adpcm = encoded("wav", "adpcm_ms", 8000, tone_of(1))

    with pytest.raises(UserError, match="in a form we do not read"):
        read_greeting(adpcm)


def test_half_a_second_is_too_short():
    with pytest.raises(UserError, match="shorter than half a second"):
        read_greeting(sound_file(seconds=0.4))


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("import os; os.abort()", "a signal"),
        ("raise SystemExit(139)", "a status"),
        ("import sys; sys.stdout.buffer.write(bytes(10**6)); raise SystemExit(3)", "with sound"),
        ("import time; time.sleep(60)", "no end"),
    ],
)
def test_a_decoder_that_fails_is_a_refusal(monkeypatch, program, why):
    monkeypatch.setattr(keeper, "DECODER", (keeper.DECODER[0], "-I", "-c", program))
    monkeypatch.setattr(keeper, "WALL_SECONDS", 0.5 if why == "no end" else 20)

    with pytest.raises(UserError, match="could not read this file as sound"):
        read_greeting(sound_file())


CAUGHT = """
import os, socket, sys
from voiceline.sound import decoder
decoder.limit(120)
def tried(act):
    try:
        act()
    except (OSError, MemoryError, ValueError):
        return "refused"
    return "done"
acts = {
    "file": lambda: open("/etc/passwd"),
    "connection": socket.socket,
    "process": lambda: os.fork() or os._exit(0),
    "memory": lambda: bytearray(10**9),
    "back": lambda: decoder.resource.setrlimit(decoder.resource.RLIMIT_NOFILE, (64, 64)),
}
print(*(f"{name}={tried(act)}" for name, act in acts.items()), f"names={len(os.environ)}")
"""


def test_the_cage_opens_nothing_and_knows_nothing(monkeypatch):
    monkeypatch.setenv("VOICELINE_SECRET_KEY", "s" * 32)
    monkeypatch.setattr(keeper, "DECODER", (keeper.DECODER[0], "-I", "-c", CAUGHT))

    with keeper._memory() as file, keeper._memory() as said:
        status = keeper._start(file, said)
        words = dict(word.split(b"=") for word in os.pread(said, 1000, 0).split())

    assert status == 0
    assert (words[b"file"], words[b"connection"], words[b"memory"]) == (b"refused",) * 3
    # whoever is root may start others, and raise limits again: nobody should be
    if os.geteuid():
        assert (words[b"process"], words[b"back"]) == (b"refused", b"refused")
    assert words[b"names"] <= b"1"  # Python itself adds its locale


def test_more_than_fits_is_not_written():
    flood = "import sys; from voiceline.sound import decoder; decoder.limit(1)\n"
    flood += "while True: sys.stdout.buffer.write(bytes(10**6))"

    with keeper._memory() as file, keeper._memory() as said:
        os.write(file, b"x")
        with pytest.MonkeyPatch.context() as patches:
            patches.setattr(keeper, "DECODER", (keeper.DECODER[0], "-I", "-c", flood))
            status = keeper._start(file, said)
        size = os.fstat(said).st_size

    assert status != Verdict.WHOLE
    assert size <= 3 * 16_000


def test_who_finds_no_place_is_told_to_come_again(monkeypatch):
    monkeypatch.setattr(keeper, "WAITS_SECONDS", 0.01)
    monkeypatch.setattr(keeper, "_places", keeper.BoundedSemaphore(1))

    with keeper._place(), pytest.raises(TemporaryFailure):
        read_greeting(sound_file())


def test_an_id3_tag_before_another_kind_is_looked_behind():
    tag = b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10)

    assert recognise_sound(tag + sound_file("mp3")).label == "MP3"
    assert recognise_sound(tag + sound_file("aac")).label == "AAC"


@pytest.mark.parametrize(
    ("loud", "doubts"),
    [
        (0.0, {Doubt.SILENT}),
        (0.001, {Doubt.QUIET}),
        (0.3, set()),
        (4.0, {Doubt.CLIPPED}),
    ],
)
def test_doubts_are_told(loud, doubts):
    sound = np.clip(tone_of(2, loud=loud), -1, 1)

    read = read_greeting(encoded("wav", "pcm_s16le", 8000, sound))

    assert read.doubts == doubts


def samples_of(wav: bytes) -> np.ndarray:
    with wave.open(io.BytesIO(wav)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")
