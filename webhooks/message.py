"""After the tone: the message is written down, reviewed, and its receipt is read out.

Hanging up sends, at every step: nothing here takes a message back except a later take.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response

from voiceline import carrier_events, filing, intake, voicemails
from voiceline.rules.rights import WITHOUT_VERIFICATION
from webhooks import prompts
from webhooks.incoming import event
from webhooks.line import line
from webhooks.media import take_url
from webhooks.prompts import spoken_reference
from webhooks.speaking import CHOICE_SECONDS, right_of, silence, speak, tone_for_call
from webhooks.twiml import Hangup, Pause, Play, Say, Verb, ask, say

if TYPE_CHECKING:
    from uuid import UUID

    from voiceline.models import Call
    from webhooks.incoming import CarrierEvent
    from webhooks.state import CallState

bp = Blueprint("message", __name__)

MOST_TRIES = 3
MOST_TAKES = 5


@bp.route("/voice/message", methods=["POST"], provide_automatic_options=False)
def message() -> Response:
    """Write the recorded message down, and ask whether it is what the caller wants to send."""
    incoming, state = event(), event().state
    owed = _write_down(incoming)
    if owed is not None:
        line().wake(owed)
    if incoming.hung_up:
        return silence()
    if not incoming.heard:
        return _record_again(state)
    limit = line().settings.recording_seconds - 1
    full = incoming.digits == "" and incoming.seconds is not None and incoming.seconds >= limit
    before = (say(state.language, "cut_off"),) if full else ()
    return _review(state.having(tries=0), *before)


@bp.route("/voice/review", methods=["POST"], provide_automatic_options=False)
def review() -> Response:
    """Send, play or record again; nothing keyed sends."""
    incoming, state = event(), event().state
    if incoming.hung_up:
        return silence()
    if incoming.digits == "2":
        url = take_url(incoming.call_id, state.take)
        return _review(state, say(state.language, "your_message"), Play(url))
    if incoming.digits == "3" and state.take < MOST_TAKES:
        return _tone(state.having(take=state.take + 1, tries=0))
    if incoming.digits not in {"", "1", "3"} and state.tries < MOST_TRIES - 1:
        return _review(state.having(tries=state.tries + 1))
    return _receipt(state)


@bp.route("/voice/receipt", methods=["POST"], provide_automatic_options=False)
def receipt() -> Response:
    """Whoever is still here has heard the receipt to its end: the acknowledgement was given.

    It is spoken outside the `<Gather>`, so no key can cut it short, and 11 CCR 7021(a) is met
    only when this request comes, while the caller is there.
    """
    incoming, state = event(), event().state
    if incoming.hung_up:
        return silence()
    with line().transaction() as session:
        call = intake.find_call(session, incoming.call_id)
        if call is not None and call.reference:
            version = prompts.version(state.language)
            filing.hear_receipt(session, call, prompts_version=version, at=incoming.received_at)
    if incoming.digits == "*":
        return _receipt(state)
    return speak(state, say(state.language, "goodbye_thanks"), Hangup())


def _write_down(incoming: CarrierEvent) -> UUID | None:
    """Write down what was said, and that the call is over; answer a voicemail that is owed now.

    Who hung up without a word may have keyed a right: nothing else will tell of it.
    """
    at, owed = incoming.received_at, None
    said = incoming.heard and bool(incoming.recording_id)
    with line().transaction() as session:
        if said or (incoming.hung_up and not incoming.heard):
            owed = carrier_events.accept(session, incoming.notice("completed"), at=at)
        if said and (call := intake.find_call(session, incoming.call_id)):
            filing.allot_reference(session, call)
        if incoming.hung_up:
            voicemails.end_call(session, incoming.call_id, at=at)
    return owed


def _record_again(state: CallState) -> Response:
    if state.tries >= MOST_TRIES - 1:
        return _receipt(state, otherwise="goodbye")
    return _tone(state.having(tries=state.tries + 1), say(state.language, "nothing_heard"))


def _tone(state: CallState, *before: Say) -> Response:
    with line().transaction() as session:
        return tone_for_call(session, state, *before)


def _review(state: CallState, *before: Say | Play) -> Response:
    return speak(
        state,
        *ask(
            "/voice/review",
            *before,
            say(state.language, "review"),
            digits=1,
            seconds=CHOICE_SECONDS,
        ),
    )


def _receipt(state: CallState, otherwise: str = "message_kept") -> Response:
    """Read the receipt; `otherwise` is said where there is no reference to give."""
    with line().transaction() as session:
        call = intake.find_call(session, event().call_id)
        if call is None or call.reference is None:
            return speak(state, say(state.language, otherwise), Hangup())
        return speak(state, *_receipt_parts(state, call))


def _receipt_parts(state: CallState, call: Call) -> tuple[Verb, ...]:
    """Answer the receipt; a canary, which nobody answers, is not told what comes next."""
    language, name = state.language, call.service_code.spoken_name
    told = _what_comes_next(state, call)
    return (
        say(language, "received", business=name),
        Pause(),
        say(language, "reference", reference=spoken_reference(call.reference or "")),
        Pause(),
        *(say(language, next_, business=name) for next_ in told),
        *ask("/voice/receipt", say(language, "repeat"), digits=1, seconds=CHOICE_SECONDS),
    )


def _what_comes_next(state: CallState, call: Call) -> tuple[str, ...]:
    if call.business.is_canary:
        return ()
    if call.unassigned:
        return ("receipt_unassigned",)
    if right_of(state) in WITHOUT_VERIFICATION:
        return ("receipt_opt_out",)
    return ("receipt_other",)
