"""A number's addresses at the carrier: compared, then changed in one request."""

from __future__ import annotations

import pytest
from fakes.carrier import ACCOUNT, TOKEN
from flask import Response

from voiceline.adapters.twilio_http import make_twilio_client
from voiceline.adapters.twilio_numbers import Change, apply, plan
from voiceline.errors import PermanentFailure, TemporaryFailure

NUMBER = "+18005550199"
WANTED = {"voice_url": "https://line.example/voice/answer", "voice_method": "POST"}


def test_what_differs_is_planned_and_nothing_else(client):
    changes = plan(client, NUMBER, WANTED)

    assert changes == [Change("voice_url", "https://old.example/", WANTED["voice_url"])]


def test_applied_changes_leave_nothing_to_plan(client):
    apply(client, NUMBER, plan(client, NUMBER, WANTED))

    assert plan(client, NUMBER, WANTED) == []


def test_all_changes_travel_in_one_request(carrier, client):
    changes = plan(client, NUMBER, WANTED | {"status_callback": "https://line.example/x"})

    apply(client, NUMBER, changes)

    assert [method for method, _, _ in carrier.seen].count("POST") == 1


@pytest.mark.parametrize("field", ["voice_application_sid", "trunk_sid"])
def test_what_would_override_the_addresses_is_cleared(carrier, client, field):
    carrier.number[field] = "AP" + "1" * 32

    changes = plan(client, NUMBER, WANTED)
    apply(client, NUMBER, changes)

    assert Change(field, "AP" + "1" * 32, "") in changes
    assert carrier.number[field] == ""


def test_planning_changes_nothing_at_the_carrier(carrier, client):
    before = dict(carrier.number)

    plan(client, NUMBER, WANTED)

    assert carrier.number == before


def test_no_changes_need_no_request(carrier, client):
    apply(client, NUMBER, [])

    assert carrier.seen == []


def test_a_number_of_somebody_else_is_refused(client):
    with pytest.raises(PermanentFailure, match="does not own"):
        plan(client, "+18005550100", WANTED)


def test_a_misspelt_field_is_a_mistake(client):
    with pytest.raises(ValueError, match="voice_uri"):
        plan(client, NUMBER, {"voice_uri": "x"})


@pytest.mark.parametrize(("status", "failure"), [(500, TemporaryFailure), (401, PermanentFailure)])
def test_the_carriers_refusals_are_translated(carrier, client, status, failure):
    carrier.answer = lambda: Response("{}", status)

    with pytest.raises(failure):
        plan(client, NUMBER, WANTED)


@pytest.fixture
def client(carrier):
    carrier.number = {
        "sid": "PN" + "1" * 32,
        "phone_number": NUMBER,
        "voice_url": "https://old.example/",
        "voice_method": "POST",
        "status_callback": None,
    }
    return make_twilio_client(
        account_sid=ACCOUNT, username=ACCOUNT, passwords=(TOKEN,), api_base=carrier.base
    )
