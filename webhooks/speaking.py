"""Answers in TwiML, and the documents that more than one view speaks."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from flask import Response

from voiceline import intake
from voiceline.greetings import newest_greeting
from voiceline.rules.retention import RETENTION_DAYS
from voiceline.rules.rights import WITHOUT_VERIFICATION, Right
from voiceline.rules.service_codes import MAX_LENGTH
from webhooks.incoming import event
from webhooks.line import line
from webhooks.prompts import other_language
from webhooks.state import MOST_STEPS, CallState
from webhooks.twiml import (
    EMPTY,
    Hangup,
    Play,
    Record,
    Say,
    Verb,
    ask,
    document,
    say,
    spoken,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from voiceline.models import ServiceCode

TYPE = "text/xml; charset=utf-8"
FIRST_KEY_SECONDS = 10
"""A caller may have to find the code on a page first (ux.md 6)."""

CHOICE_SECONDS = 4
SHORT_SECONDS = 2


def speak(state: CallState, *verbs: Verb) -> Response:
    """Answer the document, unless the call goes in circles."""
    if state.step >= MOST_STEPS:
        verbs = (say(state.language, "too_long"), Hangup())
    token = line().seal.write(state.having(step=state.step + 1), event().call_id)
    return Response(document(verbs, token), content_type=TYPE)


def silence() -> Response:
    """Answer a carrier whose caller is gone."""
    return Response(EMPTY, content_type=TYPE)


def leave_who_hung_up() -> Response | None:
    """Write nothing down, and say nothing, for a caller who is gone: a late or repeated event."""
    return silence() if event().hung_up else None


def ask_code(state: CallState, *before: Say) -> Response:
    """Ask for the service code, and offer the other language in the other language."""
    return speak(state, *_code_question(state.language, state.tries, before))


@lru_cache
def _code_question(language: str, tries: int, before: tuple[Say, ...]) -> tuple[Verb, ...]:
    prompt = {0: "enter_code", 1: "try_again_1"}.get(tries, "try_again_2")
    return ask(
        "/voice/code",
        *before,
        say(other_language(language), "this_language"),
        say(language, prompt),
        digits=MAX_LENGTH,
        seconds=FIRST_KEY_SECONDS,
        finish="#",
    )


def greet(session: Session, state: CallState, code: ServiceCode) -> Response:
    """Say whom the caller reached, and what this business wants to say."""
    language = state.language
    return speak(
        state.having(code=code.code),
        *ask(
            "/voice/greeting",
            say(language, "reached", business=code.spoken_name),
            *_greeting(session, code, language),
            say(language, "greeting_keys"),
            digits=1,
            seconds=SHORT_SECONDS,
        ),
    )


def offer_rights(state: CallState, *before: Say) -> Response:
    """Ask which right; whoever stays on the line goes on without naming one."""
    return speak(
        state,
        *ask(
            "/voice/right",
            *before,
            say(state.language, "rights"),
            digits=1,
            seconds=CHOICE_SECONDS,
        ),
    )


def tone_for_call(session: Session, state: CallState, *before: Say) -> Response:
    """Say that and how long the message is recorded, then record: never the other way round.

    California Penal Code 632 and 632.7 want the notice before anything is recorded.
    """
    call = intake.find_call(session, event().call_id)
    if call is None:
        return ask_code(CallState(state.language, state.step))
    language, name = state.language, call.service_code.spoken_name
    days = str(RETENTION_DAYS[call.business.tier])
    unverified = right_of(state) in WITHOUT_VERIFICATION
    return speak(
        state,
        *before,
        say(language, "notice", business=name, days=days),
        say(language, "say_opt_out" if unverified else "say_other"),
        Record("/voice/message", "/voice/recording", line().settings.recording_seconds),
        say(language, "goodbye_thanks"),
        Hangup(),
    )


def right_of(state: CallState) -> Right | None:
    """Answer the right the caller keyed."""
    return Right(state.right) if state.right else None


def _greeting(session: Session, code: ServiceCode, language: str) -> tuple[Say | Play, ...]:
    """Answer the newest greeting in the caller's language, or the rundown of rights.

    A greeting in the other language would not be understood: the rundown is in both.
    """
    greeting = newest_greeting(session, code, language)
    if greeting is not None and greeting.audio_sha256:
        base = line().settings.telephone_url
        return (Play(f"{base}/media/greetings/{greeting.audio_sha256}.wav"),)
    words = spoken(greeting.text or "", language) if greeting else ()
    return words or (say(language, "greeting", business=code.spoken_name),)
