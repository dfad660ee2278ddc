"""Calls that we place: what the carrier is asked for, and how its answers come back."""

from __future__ import annotations

import pytest

from voiceline.adapters.twilio_calls import TwilioCalls
from voiceline.adapters.twilio_http import make_twilio_client
from voiceline.errors import PermanentFailure, TemporaryFailure
from voiceline.simulator import Carrier, CarrierConfig, Faults, Number, running

ACCOUNT, TOKEN = "AC" + "0" * 32, "a" * 32
TO, FROM = "+18005550199", "+14155550160"
SILENT = '<Response><Pause length="1"/></Response>'


@pytest.fixture
def carrier(tmp_path):
    number = Number(TO, "http://127.0.0.1:9/voice")
    made = Carrier(
        CarrierConfig(ACCOUNT, TOKEN, tmp_path, numbers=(number,), verified=(FROM,), speed=0)
    )
    yield made
    made.close()


@pytest.fixture
def calls(carrier):
    with running(carrier) as url:
        client = make_twilio_client(
            account_sid=ACCOUNT, username=ACCOUNT, passwords=(TOKEN,), api_base=url
        )
        yield TwilioCalls(client)


def place(calls, **facts):
    wanted = {"to": TO, "from_number": FROM, "twiml": SILENT, "time_limit": 60} | facts
    return calls.place(**wanted)


def test_a_placed_call_can_be_looked_at(calls):
    leg = calls.look(place(calls))

    assert leg.status in {"queued", "in-progress", "completed"}


def test_a_refused_call_is_permanent_and_names_no_number(calls):
    with pytest.raises(PermanentFailure, match="400") as refused:
        place(calls, from_number="+14155550199")

    assert "5550199" not in str(refused.value)


@pytest.mark.parametrize("fault", [{"throttled": 1}, {"broken": 1}])
def test_a_carrier_in_trouble_is_temporary(carrier, calls, fault):
    carrier.set_faults(Faults(**fault))

    with pytest.raises(TemporaryFailure):
        place(calls)


def test_an_id_that_is_none_is_not_asked_for(calls):
    with pytest.raises(PermanentFailure):
        calls.look("../Recordings")


def test_a_call_nobody_knows_is_permanent(calls):
    with pytest.raises(PermanentFailure, match="404"):
        calls.look("CA" + "0" * 32)
