from __future__ import annotations

import numpy as np
import pytest

from voiceline.simulator import Take
from voiceline.simulator.audio import RATE, read_wav, seconds_of, silence, write_wav

RECORD = (
    '<Record action="/done" timeout="2" finishOnKey="#" recordingStatusCallback="/told"'
    ' recordingStatusCallbackEvent="in-progress completed absent"/><Say>After.</Say>'
)


@pytest.fixture
def media(line):
    """What the carrier kept of the only recording."""

    def read(record):
        (recording,) = record.recordings
        return read_wav(line.carrier.store.media(recording))

    return read


def test_the_recording_holds_what_was_said(line, media, tone):
    line.answer("/answer", RECORD)
    spoken = tone(3)

    record = line.call(say=spoken, end="#")

    assert np.array_equal(media(record)[: 3 * RATE], read_wav(spoken))
    assert line.params("/done")[0]["Digits"] == "#"
    assert line.params("/done")[0]["RecordingDuration"] == "3"


def test_silence_ends_it_and_is_trimmed_away(line, media, tone):
    line.answer("/answer", RECORD)
    quiet_around = write_wav(np.concatenate([silence(1), read_wav(tone(2)), silence(1)]))

    record = line.call(say=quiet_around)

    assert line.params("/done")[0]["Digits"] == ""
    assert line.params("/done")[0]["RecordingDuration"] == "5"
    assert seconds_of(media(record)) == pytest.approx(2, abs=0.05)


def test_nothing_is_trimmed_when_so_asked(line, media, tone):
    line.answer("/answer", RECORD.replace("<Record", '<Record trim="do-not-trim"'))

    record = line.call(say=tone(2))

    assert seconds_of(media(record)) == pytest.approx(2.2 + 2, abs=0.25)


def test_a_pause_shorter_than_the_timeout_goes_on(line, media, tone):
    line.answer("/answer", RECORD)
    halting = write_wav(np.concatenate([read_wav(tone(1)), silence(1.5), read_wav(tone(1))]))

    record = line.call(say=halting)

    assert seconds_of(media(record)) == pytest.approx(3.5, abs=0.05)


def test_a_long_pause_loses_what_comes_after(line, media, tone):
    line.answer("/answer", RECORD)
    halting = write_wav(np.concatenate([read_wav(tone(1)), silence(4), read_wav(tone(1))]))

    record = line.call(say=halting)

    assert seconds_of(media(record)) == pytest.approx(1, abs=0.05)


def test_timeout_zero_never_ends_by_silence(line, media, tone):
    line.answer("/answer", RECORD.replace('timeout="2"', 'timeout="0" maxLength="20"'))

    line.call(say=tone(1))

    assert line.params("/done")[0]["RecordingDuration"] == "20"


def test_the_limit_cuts_a_long_message(line, media, tone):
    line.answer("/answer", RECORD.replace("<Record", '<Record maxLength="3"'))

    record = line.call(say=tone(8), end="#")

    assert len(media(record)) == 3 * RATE
    assert line.params("/done")[0]["Digits"] == ""


def test_a_hang_up_still_posts_the_action(line, media, tone):
    line.answer("/answer", RECORD)
    line.answer("/done", "<Say>Nobody hears this.</Say>")

    record = line.call(say=tone(2), end="hangup")

    (action,) = line.params("/done")
    assert (action["Digits"], action["CallStatus"]) == ("hangup", "completed")
    assert record.outcome == "caller_hung_up"
    assert record.texts == ()
    assert seconds_of(media(record)) == pytest.approx(2, abs=0.05)


def test_only_finish_keys_end_it(line, tone):
    line.answer("/answer", RECORD)

    line.call(say=tone(2), end="5")

    assert line.params("/done")[0]["Digits"] == ""


def test_any_key_ends_it_by_default(line, tone):
    line.answer("/answer", '<Record action="/done"/>')

    line.call(say=tone(2), end="5")

    assert line.params("/done")[0]["Digits"] == "5"


def test_each_recording_takes_the_next_take(line, tone):
    line.answer("/answer", '<Record action="/again"/>')
    line.answer("/again", '<Record action="/done"/>')

    record = line.call(say=(Take(tone(2), "1"), Take(tone(4), "2")))

    assert len(record.recordings) == 2
    assert [p["RecordingDuration"] for p in line.params("/again") + line.params("/done")] == [
        "2",
        "4",
    ]


def test_callbacks_tell_the_course_of_a_recording(line, tone):
    line.answer("/answer", RECORD)

    record = line.call(say=tone(2), end="#")
    line.carrier.drain(10)

    told = line.params("/told")
    assert {one["RecordingStatus"] for one in told} == {"in-progress", "completed"}
    assert {one["RecordingSid"] for one in told} == set(record.recordings)
    completed = next(one for one in told if one["RecordingStatus"] == "completed")
    assert completed["RecordingDuration"] == "2"
    assert completed["RecordingUrl"].endswith(completed["RecordingSid"])
    assert "From" not in completed
    assert completed["RecordingSource"] == "RecordVerb"


def test_only_wanted_events_are_told_by_the_wanted_method(line, tone):
    line.answer(
        "/answer",
        '<Record action="/done" recordingStatusCallback="/told"'
        ' recordingStatusCallbackMethod="GET"/>',
    )

    line.call(say=tone(2), end="#")
    line.carrier.drain(10)

    (told,) = line.asked("/told")
    assert (told.method, told.params["RecordingStatus"], told.signed) == ("GET", "completed", True)


def test_silence_is_kept_by_default(line, media):
    line.answer("/answer", RECORD)

    record = line.call(say=None)

    assert seconds_of(media(record)) == pytest.approx(2, abs=0.25)
    assert len(line.asked("/done")) == 1


@pytest.mark.parametrize(("script", "code"), [({}, "16102"), ({"hang_up_at": "beep"}, "16101")])
def test_empty_recordings_are_absent_when_so_configured(line, script, code):
    line.carrier.silence_absent = True
    line.answer("/answer", RECORD)

    record = line.call(**script)
    line.carrier.drain(10)

    told = {one["RecordingStatus"]: one["ErrorCode"] for one in line.params("/told")}
    assert told == {"in-progress": "0", "absent": code}
    assert line.asked("/done") == []
    assert record.recordings == ()


def test_an_absent_recording_falls_to_the_next_verb(line):
    line.carrier.silence_absent = True
    line.answer("/answer", RECORD)

    record = line.call()

    assert record.texts == ("After.",)


def test_hanging_up_at_the_beep_leaves_a_short_recording(line, media):
    line.answer("/answer", RECORD)

    record = line.call(hang_up_at="beep")

    assert seconds_of(media(record)) == pytest.approx(0.3)
    assert line.params("/done")[0]["RecordingDuration"] == "0"


def test_hanging_up_while_speaking_keeps_the_first_half(line, media, tone):
    line.answer("/answer", RECORD)
    spoken = tone(6)

    record = line.call(say=spoken, end="#", hang_up_at="speaking")

    assert np.array_equal(media(record), read_wav(spoken)[: 3 * RATE])
    assert line.params("/done")[0]["Digits"] == "hangup"


def test_a_failing_action_after_a_hang_up_is_an_alert(line, tone):
    line.answer("/answer", RECORD)
    line.answers["/done"] = ("no", 500)

    record = line.call(say=tone(1), end="hangup")

    assert record.outcome == "caller_hung_up"
    assert [alert.code for alert in line.carrier.alerts] == [11200]
