from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from voiceline.simulator import Caller, Carrier, Faults, Number

TOLL_FREE = "+18005550199"
RECORD = '<Record action="/done" finishOnKey="#" recordingStatusCallback="/told"/>'


@pytest.fixture
def calling(line, tone):
    """Record one message with these faults, and answer the callbacks that came."""
    line.answer("/answer", RECORD)

    def call(**faults):
        line.carrier.set_faults(Faults(**faults))
        record = line.call(say=tone(1), end="#")
        line.carrier.drain(20)
        return record, line.params("/told")

    return call


def test_lost_callbacks_leave_the_recording(line, calling):
    record, told = calling(callbacks_lost=1)

    assert told == []
    assert line.carrier.store.media(record.recordings[0])


def test_callbacks_are_repeated(calling):
    _, told = calling(callbacks_repeated=4)

    assert len(told) == 5
    assert len({one["RecordingSid"] for one in told}) == 1


def test_callbacks_are_repeated_at_the_same_moment(line, calling):
    together = threading.Barrier(8, timeout=20)
    line.answers["/told"] = lambda _: (together.wait(), ("", 204))[1]
    line.answers["/ended"] = ("", 204)

    _, told = calling(callbacks_repeated=7, repeats_at_once=True)

    assert len(told) == 8
    assert not together.broken


def test_late_callbacks_are_waited_for(line, calling):
    record, told = calling(callbacks_late=0.3)

    assert [one["RecordingSid"] for one in told] == list(record.recordings)


def test_shuffled_callbacks_lose_their_order(line):
    line.answer(
        "/answer",
        RECORD.replace("/>", ' recordingStatusCallbackEvent="in-progress completed"/>'),
    )
    line.carrier.set_faults(Faults(callbacks_shuffled=0.2, seed=3))
    starts = []

    for _ in range(8):
        line.received.clear()
        line.call(hang_up_at="beep")
        line.carrier.drain(20)
        starts.append(line.params("/told")[0]["RecordingStatus"])

    assert set(starts) == {"in-progress", "completed"}


def test_a_lost_action_leaves_the_call_dead(line, calling):
    record, told = calling(actions_lost=1)

    assert (record.outcome, line.asked("/done")) == ("cut_off", [])
    assert len(told) == 1


def test_an_error_answer_to_a_callback_is_an_alert(line, calling):
    line.answers["/told"] = ("no", 500)
    line.answers["/ended"] = ("x" * 2000, 200)

    calling()

    assert sorted(alert.code for alert in line.carrier.alerts) == [15003, 17583]


def test_draining_says_when_it_takes_too_long(line, tone):
    line.answer("/answer", RECORD)
    line.carrier.set_faults(Faults(callbacks_late=60))
    line.call(say=tone(1), end="#")

    with pytest.raises(TimeoutError):
        line.carrier.drain(0.05)


def test_many_calls_at_once_keep_apart(line, tone):
    line.answer("/answer", '<Gather action="/code"><Pause/></Gather>')
    line.answer("/code", RECORD)
    waves = [tone(1 + number / 10) for number in range(24)]

    def call(number):
        caller = Caller(keys=(f"{number}#",), say=waves[number], end="#")
        return line.carrier.place_call(caller, TOLL_FREE)

    with ThreadPoolExecutor(12) as pool:
        records = list(pool.map(call, range(24)))
    line.carrier.drain(20)

    digits = {params["CallSid"]: params["Digits"] for params in line.params("/code")}
    assert [digits[record.call_id] for record in records] == [str(n) for n in range(24)]
    assert {one["RecordingSid"] for one in line.params("/told")} == {
        record.recordings[0] for record in records
    }


def test_a_restarted_carrier_still_has_everything(line, config, tone):
    line.answer("/answer", RECORD)
    record = line.call(say=tone(1), end="#")
    (recording,) = record.recordings

    again = Carrier(config())

    assert again.store.media(recording) == line.carrier.store.media(recording)
    assert again.store.recording(recording) == line.carrier.store.recording(recording)
    assert again.store.call(record.call_id) == line.carrier.store.call(record.call_id)
    again.close()


def test_calls_of_a_dead_process_have_failed(line, config):
    during = []
    line.answers["/answer"] = lambda _: (during.append(Carrier(config())), "<Response/>")[1]

    record = line.call()

    (reader,) = during
    assert reader.store.call(record.call_id).status == "failed"
    assert line.carrier.store.call(record.call_id).status == "completed"


def test_our_own_failure_ends_the_call_in_public(line):
    seen = []

    def watch(event):
        seen.append(event.detail.get("outcome", event.kind))
        if event.kind == "request":
            raise RuntimeError("the watcher broke")

    with pytest.raises(RuntimeError):
        line.call(on_event=watch)

    assert seen[-1] == "simulator_failed"


def test_changed_numbers_count_for_the_next_call(line):
    (number,) = line.carrier.numbers()

    line.carrier.update_number(number.sid, {"voice_url": f"{line.url}/elsewhere"})
    line.call()

    assert [one.path for one in line.received[:1]] == ["/elsewhere"]
    assert line.carrier.update_number("PN0", {}) is None
    assert Number(TOLL_FREE).sid == number.sid


@pytest.mark.parametrize("changes", [{"account_sid": "AC1"}, {"auth_token": ""}])
def test_a_configuration_that_cannot_be_is_refused(config, changes):
    with pytest.raises(ValueError, match=next(iter(changes))):
        config(**changes)


def test_secrets_are_not_in_the_configurations_text(config):
    assert "the-secret" not in repr(config())
    assert "token-of" not in repr(config())


def test_every_voice_request_can_come_twice(line):
    line.carrier.set_faults(Faults(requests_repeated=1))
    line.answer("/answer", '<Gather action="/code"/>')
    line.answer("/code", "<Hangup/>")

    record = line.call(keys=("5#",))

    assert [one.path for one in line.received[:4]] == ["/answer", "/answer", "/code", "/code"]
    assert line.params("/code") == [line.params("/code")[0]] * 2
    assert record.outcome == "completed"
