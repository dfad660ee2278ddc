"""Whole calls in both languages: every step of the line, as a caller goes through it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from fakes.wav import silence
from lines import CALLER, DEDICATED, SPEECH

from voiceline.businesses import block_caller
from voiceline.greetings import set_greeting
from voiceline.models import Business, Call, Delivery, ServiceCode, Transcript, Voicemail
from voiceline.rules.lifecycle import RequestStatus, VoicemailStatus
from voiceline.rules.rights import KEYS, WITHOUT_VERIFICATION, Right
from voiceline.simulator import WITHHELD, Take
from webhooks.prompts import sentence, spoken_date, spoken_reference

AT = datetime(2026, 11, 20, tzinfo=UTC)
START = {"en": (), "es": ("2#",)}
SECOND_CALL = "+14155550124"
BOTH = pytest.mark.parametrize("language", ["en", "es"])


@BOTH
@pytest.mark.parametrize("key", KEYS)
def test_every_right_keyed_is_the_right_filed(line, language, key):
    record = line.call(*START[language], "4021#", "", key, "1")
    line.work()

    request = line.request()
    (asked,) = request_rights(line, request)
    assert _went_well(record, line)
    assert (asked.right, asked.source) == (KEYS[key], "keyed")
    assert (asked.acknowledge_by is None) == (KEYS[key] in WITHOUT_VERIFICATION)
    assert request.language == language
    assert request.status == RequestStatus.ACKNOWLEDGED
    assert request.acknowledged_how.startswith(f"oral/{language}/")


@BOTH
def test_a_caller_hears_every_step_in_one_language(line, language):
    record = line.call(*START[language], "4021#", "", "3", "1")

    heard = [prompt for prompt in record.heard if prompt.kind == "say"]
    (call,) = line.rows(Call)
    for name in ("reached", "notice", "received", "receipt_other"):
        facts = {"business": "Acme Shoes", "days": "180"}
        assert sentence(language, name, **facts) in record.texts
    spoken = spoken_reference(call.reference)
    assert sentence(language, "reference", reference=spoken) in record.texts
    tag = {"en": "en-US", "es": "es-US"}[language]
    assert {prompt.language for prompt in heard[3:]} == {tag}


@BOTH
def test_help_is_spoken_and_asks_again(line, language):
    record = line.call(*START[language], "0#", "4021#", "1", "1")
    line.work()

    assert sentence(language, "help") in record.texts
    assert line.request().language == language


def test_a_language_switched_twice_is_the_first_again(line):
    record = line.call("2#", "2#", "4021#", "1", "1")
    line.work()

    assert _went_well(record, line)
    assert line.request().language == "en"


@BOTH
def test_one_goes_straight_to_the_tone(line, language):
    record = line.call(*START[language], "4021#", "1", "1")

    assert sentence(language, "rights") not in record.texts
    assert line.rows(Call)[0].right is None
    assert record.recordings


def test_a_star_leads_to_another_business(line):
    record = line.call("4021#", "*", "3077#", "1", "1")
    line.work()

    with line.services.sessions() as session:
        request = session.merge(line.request(), load=False)
        assert request.service_code.code == "3077"
    assert _went_well(record, line)
    assert "You have reached Bluebird Books." in record.texts


@BOTH
def test_a_business_may_switch_the_menu_off(line, language):
    with line.services.sessions.begin() as session:
        session.query(Business).update({Business.asks_right: False})

    record = line.call(*START[language], "4021#", "", "1")
    line.work()

    (asked,) = request_rights(line, line.request())
    assert sentence(language, "rights") not in record.texts
    assert (asked.right, asked.source) == (None, None)


@BOTH
def test_a_business_speaks_in_its_own_words_and_voice(line, language):
    with line.services.sessions.begin() as session:
        code = session.query(ServiceCode).filter_by(code="4021").one()
        set_greeting(session, code, language="en", at=AT, text="Hello from Acme.")
        set_greeting(session, code, language="es", at=AT, audio=silence(1600))

    record = line.call(*START[language], "4021#", "", "3", "1")

    played = [prompt.audio for prompt in record.heard if prompt.kind == "play"]
    assert _went_well(record, line)
    assert ("Hello from Acme." in record.texts) == (language == "en")
    assert played == ([] if language == "en" else [silence(1600)])


@BOTH
def test_nothing_is_recorded_before_the_notice_was_heard(line, language):
    record = line.call(*START[language], "4021#", "1", "3", "1")

    told = [
        at
        for at, event in enumerate(record.events)
        if event.kind == "say"
        and event.detail["text"] == sentence(language, "notice", business="Acme Shoes", days="180")
    ]
    beeps = [at for at, event in enumerate(record.events) if event.kind == "beep"]
    assert len(told) == len(beeps) == 2
    assert all(before < beep for before, beep in zip(told, beeps, strict=True))


@BOTH
def test_a_message_is_heard_again_and_recorded_again(line, language):
    again = Take(silence(8000 * 4), "#")
    record = line.call(*START[language], "4021#", "1", "2", ",3", "1", say=(SPEECH, again))
    line.work()

    played = [prompt.audio for prompt in record.heard if prompt.kind == "play"]
    first, second = sorted(line.rows(Voicemail), key=lambda voicemail: voicemail.take)
    assert _went_well(record, line)
    assert len(played[0]) > 10_000
    assert (first.status, second.status) == (VoicemailStatus.ERASED, VoicemailStatus.STORED)
    assert line.carrier.store.recording(first.carrier_id).deleted_at is not None
    assert line.request().call_id == second.call_id


def test_the_receipt_can_be_heard_again(line):
    record = line.call("4021#", "", "3", "1", "*", "*", "")
    line.work()

    reference = sentence("en", "reference", reference=spoken_reference(line.request().reference))
    assert record.texts.count(reference) == 3
    assert record.texts[-1] == "Thank you. Goodbye."


@BOTH
def test_the_status_of_a_request_is_told_on_the_phone(line, language):
    line.call("4021#", "", "3", "1")
    line.work()
    request = line.request()

    record = line.call(*START[language], "9#", f"{request.reference}#", number=SECOND_CALL)

    due = spoken_date(language, request.respond_by)
    assert sentence(language, "due", date=due) in record.texts
    assert record.texts[-1] == sentence(language, "goodbye")
    assert len(line.rows(Call)) == 1


@BOTH
def test_three_wrong_references_end_kindly(line, language):
    record = line.call(*START[language], "9#", "1#", "123456789#", "")

    assert record.texts[-2:] == (
        sentence(language, "status_none"),
        sentence(language, "goodbye"),
    )
    assert not line.rows(Call)


@BOTH
@pytest.mark.parametrize("keys", [("7777#",) * 3, ("",) * 3, ("#",) * 3], ids=str)
def test_who_has_no_code_leaves_an_unassigned_message(line, language, keys):
    record = line.call(*START[language], *keys, "1")
    line.work()

    (call,) = line.rows(Call)
    assert _went_well(record, line)
    assert sentence(language, "unassigned") in record.texts
    assert sentence(language, "receipt_unassigned") in record.texts
    assert (call.unassigned, call.reference) == (True, line.request().reference)


def test_a_number_of_its_own_needs_no_code(line):
    record = line.call("", "3", "1", to=DEDICATED)
    line.work()

    with line.services.sessions() as session:
        assert session.merge(line.request(), load=False).service_code.code == "3077"
    assert record.texts[0] == "You have reached Bluebird Books."
    assert "up to 365 days" in " ".join(record.texts)


def test_a_blocked_caller_is_never_answered(line):
    with line.services.sessions.begin() as session:
        block_caller(session, CALLER, reason="floods the line", at=AT)

    record = line.call("4021#", "1", "1")

    assert (record.outcome, record.heard) == ("rejected", ())
    assert not line.rows(Call)


@pytest.mark.parametrize(
    ("number", "known"),
    [(WITHHELD, False), ("+266696687", False), ("", False), ("+442079460123", True)],
    ids=["anonymous", "keypad", "empty", "international"],
)
def test_whoever_calls_reaches_the_tone(line, number, known):
    record = line.call("4021#", "1", "1", number=number)
    line.work()

    (call,) = line.rows(Call)
    assert _went_well(record, line)
    assert call.caller_id == (number if known else None)
    assert line.request().call_id == call.id


def test_one_caller_may_make_several_requests(line):
    for key in ("1", "3"):
        line.call("4021#", "", key, "1")
    line.work()

    assert {call.right for call in line.rows(Call)} == {Right.OPT_OUT, Right.DELETE}
    assert len(line.rows(Delivery)) == 2
    assert len({call.reference for call in line.rows(Call)}) == 2


def test_a_rotary_telephone_reaches_the_tone(line):
    record = line.call(say=Take(SPEECH.read_bytes(), "hangup"))
    line.work()

    assert record.outcome == "caller_hung_up"
    assert line.rows(Call)[0].unassigned
    assert line.request().status == RequestStatus.RECEIVED


def test_a_caller_waiting_for_every_prompt_is_filed(line):
    record = line.call(",4021#", ",", ",3", ",1")
    line.work()

    assert _went_well(record, line)
    assert all(prompt.whole for prompt in record.heard)
    assert len(line.rows(Transcript)) == 1


def request_rights(line, request):
    with line.services.sessions() as session:
        return list(session.merge(request, load=False).rights)


def _went_well(record, line):
    assert not [event.detail for event in record.events if event.kind == "error"]
    assert not line.carrier.alerts
    return record.outcome == "completed"
