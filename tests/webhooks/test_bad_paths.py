"""Callers who do it wrong (ux.md section 8): each ends in a filed message or a polite end."""

from __future__ import annotations

import io
import math
import wave
from array import array

import pytest
from fakes.wav import silence
from lines import SPEECH, open_line

from voiceline.models import Call, PrivacyRequest, Voicemail
from voiceline.rules.lifecycle import RequestStatus
from voiceline.rules.rights import Right
from voiceline.simulator import Take

START = {"en": (), "es": ("2#",)}
LAST = {"en": "Goodbye.", "es": "Adiós."}
AGAIN = pytest.param("es", marks=pytest.mark.slow)
"""The same once more: what is said in Spanish is tried in `make test`, each path of it in CI."""

BOTH = pytest.mark.parametrize("language", ["en", "es"])
MOSTLY_ONE = pytest.mark.parametrize("language", ["en", AGAIN])

FILED = {
    "no input": ("", "", "", ""),
    "wrong code": ("7777#", "7778#", "99#", ""),
    "star at the code": ("*#", "*#", "*#", ""),
    "pound only": ("#", "#", "#", ""),
    "star at the greeting": ("4021#", "*", "4021#", "", "", ""),
    "star at the menu": ("4021#", "", "*", "*", "1", ""),
    "star at the review": ("4021#", "1", "*", "*", "*"),
    "star at the receipt": ("4021#", "1", "1", "*", "*", ""),
    "help at the code": ("0#", "0#", "4021#", "1", "1"),
    "zero at the greeting": ("4021#", "0", "0", "0", "0"),
    "zero at the menu": ("4021#", "", "0", "0", "0", ""),
    "zero at the review": ("4021#", "1", "0", "0", "0"),
    "zero at the receipt": ("4021#", "1", "1", "0"),
    "pound at every step": ("4021#", "#", "#", "#", "#", "#", "#", "#", "#"),
    "keys during the greeting": ("4021#", "9", "8", "7", ""),
    "the code once more": ("4021#", "4", "0", "2", "1"),
}
POLITE = {
    "hopeless reference": ("9#", "1#", "1#", "1#"),
    "help without end": ("0#",) * 80,
    "languages without end": ("2#",) * 80,
    "another business without end": ("4021#", "*") * 40,
    "the menu without end": ("4021#", "", *("*",) * 80),
    "the message without end": ("4021#", "1", *("2",) * 80),
    "the receipt without end": ("4021#", "1", "1", *("*",) * 80),
}
HANG_UPS = {
    "answer": (0, 0, None),
    "code": (1, 0, None),
    "greeting": (1, 0, None),
    "right": (1, 0, None),
    "beep": (1, 1, RequestStatus.RECEIVED),
    "speaking": (1, 1, RequestStatus.RECEIVED),
    "message": (1, 1, RequestStatus.RECEIVED),
    "review": (1, 1, RequestStatus.RECEIVED),
    "receipt": (1, 1, RequestStatus.ACKNOWLEDGED),
}
"""Where a caller hangs up: calls written down, requests filed, and the status of the request.

At the beep nothing was said, but a right was keyed (docs/decisions/0006).
"""


@MOSTLY_ONE
@pytest.mark.parametrize("path", FILED)
def test_a_stumbling_caller_is_filed_all_the_same(line, language, path):
    record = line.call(*START[language], *FILED[path])
    line.work()

    assert line.request().status == RequestStatus.ACKNOWLEDGED
    assert _ended_kindly(line, record, language)


@pytest.mark.parametrize("path", POLITE)
def test_a_call_without_end_ends_kindly(line, path):
    record = line.call(*START["es"], *POLITE[path])
    line.work()

    assert len(record.documents) <= 62
    assert _ended_kindly(line, record, "es")


@MOSTLY_ONE
@pytest.mark.parametrize("step", HANG_UPS)
def test_hanging_up_means_what_was_promised(line, language, step):
    record = line.call(*START[language], "4021#", "", "3", "1", hang_up_at=_visit(step, language))
    line.work()

    calls, requests, status = HANG_UPS[step]
    found = line.rows(PrivacyRequest)
    assert record.outcome == ("caller_hung_up")
    assert (len(line.rows(Call)), len(found)) == (calls, requests)
    assert [request.status for request in found] == [status] * requests
    assert all(call.ended_at for call in line.rows(Call))
    assert not line.carrier.alerts


@pytest.mark.parametrize("step", ["right", "beep"])
def test_a_right_keyed_before_hanging_up_is_remembered(line, step):
    line.call("4021#", "", "3", hang_up_at=step)

    assert [call.right for call in line.rows(Call)] == [Right.DELETE]


@pytest.mark.parametrize("step", ["status", "code:2"])
def test_hanging_up_at_the_status_leaves_nothing(line, step):
    line.call("9#", "1#", hang_up_at=step)

    assert not line.rows(Call)


@MOSTLY_ONE
@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (silence(9000), 1),
        (silence(8000 * 4), 1),
        (None, 1),
        (silence(2000), 0),
    ],
    ids=["a second", "silence", "nothing", "less than a second"],
)
def test_a_message_of_hardly_anything_is_taken(line, language, said, kept):
    ends = "silence" if said is None else "#"
    record = line.call(*START[language], "4021#", "1", "", say=Take(said, ends))
    line.work()

    assert len(line.rows(Voicemail)) == kept
    assert len(line.rows(PrivacyRequest)) == kept
    assert _ended_kindly(line, record, language)


def test_music_and_keys_in_a_message_belong_to_it(line):
    line.call("4021#", "1", "1", say=Take(_music(3), "5"))
    line.work()

    (voicemail,) = line.rows(Voicemail)
    assert voicemail.duration_ms >= 3000
    assert line.request().call_id == voicemail.call_id


@BOTH
def test_a_message_without_end_is_cut_off_and_kept(short_line, language):
    record = short_line.call(*START[language], "4021#", "1", "1", say=_music(40), end="#")
    short_line.work()

    (voicemail,) = short_line.rows(Voicemail)
    words = {"en": "reached the longest time", "es": "llegó al tiempo máximo"}[language]
    assert words in " ".join(record.texts)
    assert 29_000 <= voicemail.duration_ms <= 31_000
    assert _ended_kindly(short_line, record, language)


def test_who_speaks_instead_of_keying_is_heard(line):
    record = line.call("", "", "", "", say=SPEECH, end="hangup")
    line.work()

    assert record.outcome == "caller_hung_up"
    assert line.rows(Call)[0].unassigned
    assert line.request()


def _ended_kindly(line, record, language):
    assert not [event.detail for event in record.events if event.kind == "error"]
    assert not line.carrier.alerts
    assert record.outcome == "completed"
    last = record.texts[-1]
    return last.endswith((LAST[language], LAST["en"], LAST["es"]))


def _visit(step, language):
    """The language key is keyed at the first prompt and so visits `code` once more."""
    return "code:2" if (step, language) == ("code", "es") else step


def _music(seconds):
    wave_form = (int(8000 * math.sin(n / 8000 * math.tau * 440)) for n in range(8000 * seconds))
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(array("h", wave_form).tobytes())
    return out.getvalue()


@pytest.fixture
def short_line(environment, tmp_path):
    """A line whose messages are cut off after thirty seconds."""
    environment.setenv("VOICELINE_RECORDING_SECONDS", "30")
    with open_line(environment, tmp_path) as opened:
        yield opened
