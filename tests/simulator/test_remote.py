from __future__ import annotations

import json
import threading
import urllib.request

import pytest

from voiceline.simulator import (
    Caller,
    Faults,
    SimulatorError,
    Take,
    remote_call,
    remote_drain,
    remote_faults,
)
from voiceline.simulator.audio import read_wav

TOLL_FREE = "+18005550199"


def test_a_call_from_another_process_is_told_as_it_happens(line, base_url, tone):
    line.answer("/answer", '<Gather action="/code"><Say>The code, please.</Say></Gather>')
    line.answer("/code", '<Record action="/done"/>')
    spoken = tone(2)

    events = list(remote_call(base_url, Caller(keys=("12#",), say=spoken, end="#"), TOLL_FREE))

    assert [events[0].kind, events[-1].kind] == ["ringing", "ended"]
    assert events[-1].detail["outcome"] == "completed"
    (recorded,) = [event for event in events if event.kind == "recorded"]
    kept = read_wav(line.carrier.store.media(recorded.detail["recording"]))
    assert kept[:15000].tolist() == read_wav(spoken)[:15000].tolist()


def test_events_do_not_wait_for_the_end(line, base_url):
    released = threading.Event()
    line.answers["/answer"] = lambda _: (released.wait(20), "<Response/>")[1]

    events = remote_call(base_url, Caller(), TOLL_FREE)
    first = next(events)
    released.set()

    assert first.kind == "ringing"
    assert [event.kind for event in events][-1] == "ended"


def test_scripts_survive_the_wire(tone, tmp_path):
    path = tmp_path / "said.wav"
    path.write_bytes(tone(1))
    caller = Caller("+15005550006", ("1#", "-"), (path, Take(None, "hangup")), "#", "code", 0.1)

    again = Caller.from_json(json.loads(json.dumps(caller.as_json())))

    assert again.takes() == (Take(path.read_bytes(), "#"), Take(None, "hangup"))
    assert (again.number, again.keys) == (caller.number, caller.keys)
    assert (again.hang_up_at, again.press_after) == ("code", 0.1)


def test_faults_are_set_from_outside(line, base_url):
    remote_faults(base_url, Faults(callbacks_lost=3, seed=4))

    assert line.carrier.faults.now == Faults(callbacks_lost=3, seed=4)


def test_draining_from_outside_waits(line, base_url):
    line.answer("/answer", "<Hangup/>")
    line.carrier.set_faults(Faults(callbacks_late=0.2))
    line.call()

    remote_drain(base_url, 10)

    assert len(line.asked("/ended")) == 1


def test_draining_too_long_is_an_error(line, base_url):
    line.answer("/answer", "<Hangup/>")
    line.carrier.set_faults(Faults(callbacks_late=60))
    line.call()

    with pytest.raises(SimulatorError, match="504"):
        remote_drain(base_url, 0.05)


def test_alerts_can_be_read(line, base_url):
    line.answers["/answer"] = ("no", 500)
    line.call()

    with urllib.request.urlopen(f"{base_url}/simulator/alerts", timeout=10) as answer:
        (alert,) = json.load(answer)["alerts"]

    assert alert["code"] == 11200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/simulator/calls", {}),
        ("/simulator/calls", {"to": TOLL_FREE, "speed": "fast"}),
        ("/simulator/calls", {"to": TOLL_FREE, "speed": -1}),
        ("/simulator/calls", {"to": TOLL_FREE, "caller": {"takes": [{"end": "x"}]}}),
        ("/simulator/calls", {"to": TOLL_FREE, "caller": {"takes": [{"audio": "%"}]}}),
        ("/simulator/calls", {"to": TOLL_FREE, "caller": {"takes": [{"audio": "AAAA"}]}}),
        ("/simulator/faults", {"bogus": 1}),
        ("/simulator/faults", [1]),
    ],
)
def test_bad_requests_are_explained(line, base_url, path, body):
    request = urllib.request.Request(
        base_url + path,
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)

    with refused.value as answer:
        assert answer.code == 400
        assert json.load(answer)["error"]
    assert line.received == []
