"""Prompts to TwiML: whatever a business writes, the carrier understands and the caller hears."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from voiceline.models import Greeting, GreetingForm, ServiceCode
from voiceline.simulator import read_twiml
from voiceline.simulator.verbs import Say as SpokenSay
from webhooks.twiml import (
    EMPTY,
    LONGEST_SAY,
    STATE,
    Gather,
    Hangup,
    Pause,
    Play,
    Record,
    Redirect,
    Reject,
    Say,
    ask,
    document,
    spoken,
)

AT = datetime(2026, 11, 20, tzinfo=UTC)
TOKEN = "WyJlbiIsMF0.c2lnbmF0dXJl-_"
MOST_BYTES = 64 * 1024
TRICKY = 'Tom & Jerry\'s <b>"shoes"</b> ]]> &amp; {business} %s \U0001f45f \u00e9\u4e2d ?s='
FIXTURE = {"suppress_health_check": [HealthCheck.function_scoped_fixture], "deadline": None}


def xml_text(text):
    return "".join(one for one in text if _is_xml(ord(one)))


def _is_xml(code):
    ranges = ((0x20, 0xD7FF), (0xE000, 0xFFFD), (0x10000, 0x10FFFF))
    return code in {0x9, 0xA, 0xD} or any(low <= code <= high for low, high in ranges)


@given(st.text(st.characters(), max_size=400))
@example(TRICKY)
@example("\x00\x01\x1a\x1astate\ud800\ufffe\uffff")
@example("]]>" * 50)
@settings(deadline=None)
def test_any_text_is_said_as_it_was_written(text):
    words = spoken(text, "en")

    said = _said(document(words, TOKEN))

    assert said.split() == xml_text(text).split()


@given(st.sampled_from(["a", "&", "<", "\U0001f45f", "\u00e9", "x y ", "\x00b"]), st.integers(1, 9))
@settings(deadline=None, max_examples=30)
def test_a_hundred_kilobytes_still_fit(letter, more):
    words = spoken(letter * (100_000 // len(letter) + more), "en")

    twiml = document(ask("/voice/greeting", *words, digits=1, seconds=2), TOKEN)

    assert len(twiml.encode()) < MOST_BYTES
    assert all(len(part.text) <= LONGEST_SAY for part in words)
    assert len(words) > 1


@given(text=st.text(st.characters(), min_size=1, max_size=3000))
@example(text=TRICKY)
@example(text="\x1astate voiceline-call-state")
@example(text="\u0085 \u2028")
@settings(**FIXTURE, max_examples=40)
def test_any_greeting_is_a_valid_document(telephone, services, text):
    _set_greeting(services, text)

    greeting = telephone.reach()

    said = greeting.verb("Gather").prompts[1:-1]
    default = "what personal information it holds"
    assert greeting.verb("Gather").action.count("?s=") == 1
    if any(part.text.strip() for part in spoken(text, "en")):
        assert "".join(part.text for part in said).split() == xml_text(text).split()
    else:
        assert default in said[0].text


@pytest.mark.parametrize("size", [100_000, 1_000_000])
def test_a_giant_greeting_leads_to_the_tone(telephone, services, size):
    _set_greeting(services, "<&>" * (size // 3))

    greeting = telephone.reach()

    assert len(greeting.response.data) < MOST_BYTES
    assert telephone.key(greeting, "1").verb("Record")


def test_a_business_name_may_hold_anything(telephone, services):
    with services.sessions.begin() as session:
        _code(session).business.name = "A&B <Co>\x1astate {days} ]]>"

    tone = telephone.tone()

    assert "transcribed for A&B <Co>state {days} ]]>, used" in tone.said


@pytest.mark.parametrize(
    "verb",
    [
        Say("Hello", "en"),
        Say("Hola", "es"),
        Play("https://voice.example.com/a.wav"),
        Pause(),
        Gather("/voice/code", (Say("Key", "en"), Pause(2)), 8, 10, "#"),
        Gather("/voice/right", (), 1, 4),
        Record("/voice/message", "/voice/recording", 600),
        Redirect("/voice/code"),
        Hangup(),
        Reject(),
    ],
    ids=lambda verb: type(verb).__name__,
)
def test_every_verb_is_one_the_carrier_knows(verb):
    twiml = document([verb], TOKEN)

    (read,) = read_twiml(twiml.encode(), "text/xml").verbs
    assert type(read).__name__ == type(verb).__name__
    assert STATE not in twiml


def test_the_same_verbs_for_two_calls_differ_in_state_only():
    verbs = (Say("Hello", "en"), Redirect("/voice/code"))

    first, second = document(verbs, "first"), document(verbs, "second")

    assert first.replace("?s=first", "?s=second") == second
    assert first != second


def test_silence_is_a_document_without_verbs():
    assert read_twiml(EMPTY.encode(), "text/xml").verbs == ()


def test_no_text_at_all_is_nothing_to_say():
    assert spoken("", "en") == spoken(" \n\t\x00\ud800", "en") == ()


def _said(twiml):
    read = read_twiml(twiml.encode(), "text/xml").verbs
    return "".join(verb.text for verb in read if isinstance(verb, SpokenSay))


def _set_greeting(services, text):
    with services.sessions.begin() as session:
        code = _code(session)
        session.execute(delete(Greeting))
        session.add(
            Greeting(
                business_id=code.business_id,
                service_code_id=code.id,
                language="en",
                version=1,
                form=GreetingForm.TYPED,
                text=text.replace("\x00", "\x01").encode("utf-8", "ignore").decode(),
                created_at=AT,
            )
        )


def _code(session):
    return session.scalars(select(ServiceCode).where(ServiceCode.code == "4021")).one()
