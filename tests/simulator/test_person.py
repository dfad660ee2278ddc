from __future__ import annotations

import threading

import numpy as np
import pytest

from voiceline.simulator import person as module
from voiceline.simulator.audio import seconds_of
from voiceline.simulator.errors import CallerHungUp
from voiceline.simulator.person import Person
from voiceline.simulator.speech import Speech

TONE = np.full(1600, 5000, np.int16)


def test_keys_count_only_while_somebody_waits(person):
    before = person.press("1")
    person.gathering()

    during = person.press("2")

    assert (before, during) == (False, True)
    assert person.next_key(1, prompt_playing=True) == "2"
    assert person.next_key(0.01, prompt_playing=False) is None


def test_a_key_ends_the_wait_for_it(person):
    person.gathering()
    threading.Timer(0.05, person.press, ["7"]).start()

    key = person.next_key(30, prompt_playing=True)

    assert key == "7"


def test_voice_comes_out_in_order_and_once(person):
    person.voice(TONE.tobytes(), 0)
    person.recording()
    person.voice(TONE.tobytes(), 1)
    person.voice(TONE.tobytes(), 1)
    person.voice((TONE * 2).tobytes(), 2)
    person.press("#")
    person.voice(TONE.tobytes(), 3)

    spoken = person.speak(1)

    assert np.array_equal(spoken.samples, np.concatenate([TONE, TONE * 2]))
    assert spoken.key == "#"


def test_a_silent_line_is_recorded_as_silence(person, monkeypatch):
    monkeypatch.setattr(module, "GAP", 0.1)
    person.recording()

    samples = np.concatenate([person.speak(0.1).samples for _ in range(5)])

    assert seconds_of(samples) >= 0.2
    assert not samples.any()


def test_hanging_up_keeps_what_was_said(person):
    person.recording()
    person.voice(TONE.tobytes(), 0)
    person.hang_up()

    spoken = person.speak(1)

    assert spoken.hung_up
    assert np.array_equal(spoken.samples, TONE)


def test_hanging_up_ends_every_wait(person):
    person.hang_up()

    with pytest.raises(CallerHungUp):
        person.listen(30)
    with pytest.raises(CallerHungUp):
        person.next_key(30, prompt_playing=False)


def test_a_page_without_signs_of_life_has_hung_up(person, monkeypatch):
    monkeypatch.setattr(module, "LOST_AFTER", 0.1)

    with pytest.raises(CallerHungUp):
        person.listen(30)


def test_prompts_without_a_voice_are_left_to_the_browser(person):
    seconds = person.speech_seconds("Xin chào", "vi-VN")

    assert seconds is None
    assert person.clips == [None]


@pytest.fixture
def person(tmp_path):
    return Person(Speech(tmp_path))
