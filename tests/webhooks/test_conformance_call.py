"""The carrier's contract, cases 33-50: from the first ring to the greeting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from fakes.wav import silence
from lines import NUMBER
from signed import BASE, CALL, call_facts
from sqlalchemy import select

from voiceline.greetings import set_greeting
from voiceline.models import Call, ServiceCode
from webhooks.state import CallState, StateSeal

AT = datetime(2026, 11, 20, tzinfo=UTC)
TRICKY = 'Tom & "Jerry\'s" <b>shoes</b> ]]> \U0001f45f caf\u00e9'


def test_case_33_the_first_document_asks_for_the_code(telephone):
    answered = telephone.answer()

    gather = answered.verb("Gather")
    assert (gather.input, gather.method, gather.finish_on_key) == (("dtmf",), "POST", "#")
    assert (gather.num_digits, gather.action_on_empty_result) == (8, True)
    assert gather.timeout >= 5
    assert gather.action.startswith("/voice/code?s=")
    assert {say.language for say in gather.prompts} == {"en-US", "es-US"}
    assert answered.verb("Redirect").url == gather.action


def test_case_34_the_same_delivery_twice_is_answered_alike(telephone, rows):
    retries = ({}, {"headers": {"I-Twilio-Idempotency-Token": "a"}})

    answers = {telephone.post("/voice/answer", call_facts(), **how).text for how in retries}
    action = telephone.answer().verb("Gather").action
    keyed = {telephone.post(action, call_facts(Digits="4021"), **how).text for how in retries}

    assert len(answers) == len(keyed) == 1
    assert len(rows(Call)) == 1


def test_case_35_a_known_code_greets_and_records(telephone):
    greeting = telephone.reach("4021")

    tone = telephone.key(greeting, "1")

    assert greeting.said.startswith("You have reached Acme Shoes.")
    assert tone.verbs == ["Say", "Say", "Record", "Say", "Hangup"]


def test_case_35_an_audio_greeting_is_played(telephone, services):
    with services.sessions.begin() as session:
        set_greeting(session, _code(session), language="en", at=AT, audio=silence(800))

    greeting = telephone.reach("4021")

    kinds = [type(part).__name__ for part in greeting.verb("Gather").prompts]
    assert kinds == ["Say", "Play", "Say"]
    assert greeting.verb("Gather").prompts[1].url.startswith(BASE + "/media/greetings/")


def test_case_36_the_operators_own_code_works(telephone, rows):
    greeting = telephone.reach("1")

    assert greeting.said.startswith("You have reached Voiceline.")
    assert not rows(Call)[0].unassigned


@pytest.mark.parametrize("digits", ["04021", "004021", "01", "001"])
def test_case_37_leading_zeros_are_another_code(telephone, rows, digits):
    answered = telephone.reach(digits)

    assert "found no company" in answered.said
    assert not rows(Call)


@pytest.mark.parametrize("digits", ["*", "4021*", "*4021", "40*21", "**"])
def test_case_38_a_star_is_no_part_of_a_code(telephone, rows, digits):
    answered = telephone.reach(digits)

    assert "found no company" in answered.said
    assert not rows(Call)


@pytest.mark.parametrize("digits", ["402140214", "4" * 200, "9" * 200])
def test_case_39_an_entry_too_long_is_no_code(telephone, rows, digits):
    answered = telephone.reach(digits)

    assert "found no company" in answered.said
    assert not rows(Call)


def test_case_40_no_digits_at_all_are_asked_for_again(telephone):
    first = telephone.answer()

    again = telephone.post(first.verb("Gather").action, call_facts())

    assert "did not get a code" in again.said
    assert "Please enter the code again" in again.said
    assert again.verb("Gather")


def test_case_41_empty_digits_are_asked_for_again(telephone):
    again = telephone.reach("")

    third = telephone.key(again, "")

    assert "Please enter the code again" in again.said
    assert "For help, press zero" in third.said


@pytest.mark.parametrize("digits", ["", "7777", "*"])
def test_case_42_a_third_miss_takes_the_message_anyway(telephone, rows, digits):
    heard = telephone.answer()
    for _ in range(3):
        heard = telephone.key(heard, digits)

    (call,) = rows(Call)
    assert "leave your message anyway" in heard.said
    assert heard.verb("Record")
    assert call.unassigned


def test_case_43_a_repeated_delivery_is_no_second_try(telephone):
    first = telephone.answer()

    answers = [telephone.key(first, "7777").text for _ in range(5)]

    assert len(set(answers)) == 1
    assert telephone.key(telephone.key(first, "7777"), "4021").said.startswith("You have reached")


@pytest.mark.parametrize(
    "change",
    [
        lambda code: code.business.suspend(),
        lambda code: code.business.close(),
        lambda code: setattr(code, "withdrawn_at", AT),
        lambda code: setattr(
            code.business, "trial_ends_at", datetime.now(UTC) - timedelta(seconds=1)
        ),
    ],
    ids=["suspended", "closed", "withdrawn", "trial over"],
)
def test_case_44_whoever_does_not_answer_sounds_alike(telephone, services, statements, change):
    with services.sessions.begin() as session:
        change(_code(session))
    telephone.answer()
    statements.seen.clear()

    ended = telephone.reach("4021")
    asked_for_ended = list(statements.seen)
    statements.seen.clear()

    assert ended.text == telephone.reach("7777").text
    assert asked_for_ended == statements.seen


@pytest.mark.parametrize("step", ["greeting", "right", "tone", "review", "receipt"])
def test_case_46_the_keyed_language_is_spoken_to_the_end(telephone, step):
    documents = {}
    documents["greeting"] = telephone.key(telephone.key(telephone.answer(), "2"), "4021")
    documents["right"] = telephone.key(documents["greeting"], "")
    documents["tone"] = telephone.key(documents["right"], "3")
    documents["review"] = telephone.speak(documents["tone"])
    documents["receipt"] = telephone.key(documents["review"], "1")

    parts = [
        part
        for verb in documents[step].document.verbs
        for part in [verb, *getattr(verb, "prompts", ())]
        if hasattr(part, "text")
    ]

    assert {(part.language, part.voice) for part in parts} == {("es-US", "Polly.Lupe-Neural")}


@pytest.mark.parametrize("language", ["fr", "", "../en", None, 7])
def test_case_47_a_language_we_do_not_speak_is_english(telephone, language):
    token = StateSeal("k" * 40).write(CallState(language), CALL)

    answered = telephone.post(f"/voice/code?s={token}", call_facts(Digits="0"))

    assert "Each company that uses this line" in answered.said


def test_case_48_a_false_state_begins_anew(telephone):
    spanish = telephone.key(telephone.answer(), "2").verb("Gather").action

    answered = telephone.post(spanish[:-1] + "x", call_facts(Digits=""))

    assert answered.verb("Gather")
    assert "Please enter the code again" in answered.said


def test_case_49_a_greeting_may_hold_any_character(telephone, services):
    with services.sessions.begin() as session:
        set_greeting(session, _code(session), language="en", at=AT, text=TRICKY + "\x0b\x07")

    greeting = telephone.reach()

    assert TRICKY in greeting.said


def test_case_50_a_long_greeting_is_split(telephone, services):
    with services.sessions.begin() as session:
        greeting = set_greeting(session, _code(session), language="en", at=AT, text="x")
        greeting.text = "Good day & welcome. " * 2000

    heard = telephone.reach()

    parts = heard.verb("Gather").prompts
    assert len(parts) > 10
    assert max(len(part.text) for part in parts) <= 4096
    assert len(heard.response.data) < 64 * 1024


def test_a_number_of_ours_is_answered_whoever_calls(telephone):
    assert telephone.answer(To=NUMBER, From="").verb("Gather")


def _code(session):
    return session.scalars(select(ServiceCode).where(ServiceCode.code == "4021")).one()
