from __future__ import annotations

import pytest

from voiceline.simulator import AudioError, Caller, Take
from voiceline.simulator.audio import seconds_of
from voiceline.simulator.clock import Clock
from voiceline.simulator.errors import CallerHungUp
from voiceline.simulator.scripted import ScriptedParty


def test_bare_audio_ends_as_the_caller_says(tmp_path):
    caller = Caller(say=(b"one", tmp_path, None, Take(b"two", "*")), end="#")

    takes = caller.takes()

    assert takes == (Take(b"one", "#"), Take(tmp_path, "#"), Take(None, "#"), Take(b"two", "*"))


def test_a_caller_without_script_says_nothing():
    assert Caller().takes() == (Take(None, "silence"),)
    assert Caller(say=()).takes() == (Take(None, "silence"),)


def test_a_take_that_cannot_end_is_refused():
    with pytest.raises(ValueError, match="ends with"):
        Take(None, "##")


@pytest.mark.parametrize(("say", "error"), [(b"noise", AudioError), ("missing", OSError)])
def test_unreadable_audio_is_found_before_the_call(tmp_path, say, error):
    caller = Caller(say=tmp_path / say if isinstance(say, str) else say)

    with pytest.raises(error):
        ScriptedParty(caller, Clock(0))


def test_keys_come_at_their_time():
    clock = Clock(0)
    party = ScriptedParty(Caller(keys=("12",), press_after=3), clock)
    party.gathering()

    pressed = [party.next_key(2, prompt_playing=True) for _ in range(4)]

    assert pressed == [None, "1", "2", None]
    assert clock.elapsed() == pytest.approx(2 + 1 + 0.2 + 2)


def test_a_patient_caller_counts_from_the_prompts_end():
    party = ScriptedParty(Caller(keys=(",7",)), Clock(0))
    party.gathering()

    during = party.next_key(60, prompt_playing=True)

    assert during is None
    assert party.next_key(5, prompt_playing=False) == "7"


def test_the_last_take_repeats(tone):
    party = ScriptedParty(Caller(say=(tone(1), tone(2)), end="hangup"), Clock(0))

    lengths = []
    for _ in range(3):
        party.recording()
        lengths.append(round(seconds_of(party.speak(10).samples)))

    assert lengths == [1, 2, 2]


@pytest.mark.parametrize("script", [{"end": "hangup"}, {"hang_up_at": "speaking"}])
def test_a_speechless_caller_stays_for_a_moment(script):
    party = ScriptedParty(Caller(**script), Clock(0))
    party.recording()

    spoken = party.speak(10)

    assert (seconds_of(spoken.samples), spoken.hung_up) == (0.3, True)


def test_leaving_happens_in_the_middle_of_what_is_heard():
    clock = Clock(0)
    party = ScriptedParty(Caller(hang_up_at="code:2"), clock)

    party.reached("code")
    party.listen(10)
    party.reached("code")
    with pytest.raises(CallerHungUp):
        party.listen(10)

    assert clock.elapsed() == pytest.approx(15)
