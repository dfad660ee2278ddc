"""From the first ring to the tone: one view a telephone event.

`answer`, help, the other language and a wrong code only speak: they write nothing down. The call
is written when a code is keyed that somebody answers for, or when there is no code at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from flask import Blueprint, Response

from voiceline import canary, intake
from voiceline.rules.rights import KEYS
from voiceline.rules.service_codes import (
    HELP_KEY,
    LANGUAGE_KEY,
    STATUS_KEY,
    is_service_code,
)
from webhooks import fallback, prompts
from webhooks.incoming import CarrierEvent, event
from webhooks.line import line
from webhooks.prompts import LANGUAGES, other_language
from webhooks.speaking import (
    ask_code,
    greet,
    leave_who_hung_up,
    offer_rights,
    speak,
    tone_for_call,
)
from webhooks.state import CallState
from webhooks.status import ask_reference
from webhooks.twiml import Hangup, Reject, say

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from voiceline.models import ServiceCode

bp = Blueprint("voice", __name__)
bp.before_request(leave_who_hung_up)
log = structlog.get_logger()

MOST_TRIES = 3


@bp.route("/voice/answer", methods=["POST"], provide_automatic_options=False)
def answer() -> Response:
    """Begin a call."""
    incoming, directory = event(), line().directory
    number = incoming.get("To")
    if directory.is_blocked(incoming.get("From")):
        return speak(CallState(), Reject())
    if directory.is_dedicated(number):
        return _answer_dedicated(incoming)
    if number not in line().settings.twilio_numbers:
        if not directory.is_known:
            return fallback.take_message(event().state)
        log.error("call.to_unknown_number", call=incoming.call_id)
        return speak(CallState(), say("en", "not_here"), Hangup())
    return ask_code(CallState(), say("en", "answer"))


@bp.route("/voice/code", methods=["POST"], provide_automatic_options=False)
def code() -> Response:
    """Read what was keyed at the first prompt: a code, or one of three keys."""
    state, digits = event().state, event().digits
    if digits == LANGUAGE_KEY:
        return ask_code(state.having(language=other_language(state.language)))
    if digits == HELP_KEY:
        return ask_code(state, say(state.language, "help"))
    if digits == STATUS_KEY:
        return ask_reference(state.having(tries=0))
    if is_service_code(digits):
        return _reach(state, digits)
    return _ask_again(state, "unknown_code" if digits else "nothing_keyed")


@bp.route("/voice/greeting", methods=["POST"], provide_automatic_options=False)
def greeting() -> Response:
    """Go on to the menu or the tone, or back to another code."""
    state, digits = event().state, event().digits
    if digits == "*":
        return ask_code(CallState(state.language, state.step))
    with line().transaction() as session:
        call = intake.find_call(session, event().call_id)
        if call is None:
            return ask_code(CallState(state.language, state.step))
        canary.hear_greeting(session, call, at=event().received_at)
        if digits not in {"", "1"} and state.tries < MOST_TRIES - 1:
            return greet(session, state.having(tries=state.tries + 1), call.service_code)
        if digits == "1" or not call.business.asks_right:
            return tone_for_call(session, state.having(tries=0))
    return offer_rights(state.having(tries=0))


@bp.route("/voice/right", methods=["POST"], provide_automatic_options=False)
def right() -> Response:
    """Write down the right that was keyed; whoever keyed none goes on without."""
    state, digits = event().state, event().digits
    if digits == "*":
        return offer_rights(state)
    if digits and digits not in KEYS and state.tries < MOST_TRIES - 1:
        again = state.having(tries=state.tries + 1)
        return offer_rights(again, say(state.language, "right_unknown"))
    with line().transaction() as session:
        if digits in KEYS:
            intake.key_right(session, event().call_id, KEYS[digits])
            state = state.having(right=KEYS[digits].value)
        return tone_for_call(session, state.having(tries=0))


def _answer_dedicated(incoming: CarrierEvent) -> Response:
    """Greet for the number's business; where it does not answer, take the message anyway."""
    with line().transaction() as session:
        found = intake.find_dedicated(session, incoming.get("To"), incoming.received_at)
        if found is None:
            _begin(session, CallState(), None)
            anyway = [say(language, "unassigned") for language in LANGUAGES]
            return tone_for_call(session, CallState(), say("en", "answer"), *anyway)
        _begin(session, CallState(), found)
        return greet(session, CallState(), found)


def _reach(state: CallState, keyed: str) -> Response:
    with line().transaction() as session:
        found = _find(session, keyed)
        if found is not None:
            _begin(session, state, found)
            return greet(session, state.having(tries=0), found)
    return _ask_again(state, "unknown_code")


def _find(session: Session, keyed: str) -> ServiceCode | None:
    incoming = event()
    return intake.find_code(session, keyed, incoming.received_at) or canary.admit(
        session,
        keyed,
        call_id=incoming.call_id,
        from_number=incoming.get("From"),
        at=incoming.received_at,
    )


def _ask_again(state: CallState, what_happened: str) -> Response:
    """Say what happened, with more help each time; after the third the message is taken anyway."""
    state = state.having(tries=state.tries + 1)
    heard = say(state.language, what_happened)
    if state.tries < MOST_TRIES:
        return ask_code(state, heard)
    with line().transaction() as session:
        _begin(session, state, None)
        unassigned = say(state.language, "unassigned")
        return tone_for_call(session, state.having(tries=0), heard, unassigned)


def _begin(session: Session, state: CallState, found: ServiceCode | None) -> None:
    incoming = event()
    intake.begin_call(
        session,
        carrier_id=incoming.call_id,
        service_code=found,
        at=incoming.received_at,
        language=state.language,
        from_number=incoming.get("From"),
        to_number=incoming.get("To"),
        attestation=incoming.get("StirVerstat"),
        prompts_version=prompts.version(state.language),
    )
