"""The status of a request by its reference: what became of it and when, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, Response

from voiceline.limits import take
from voiceline.log import caller_hash
from voiceline.progress import progress_of
from voiceline.rules.caller_ids import read_caller_id
from voiceline.rules.references import LENGTH
from webhooks.incoming import event
from webhooks.line import line
from webhooks.prompts import spoken_date
from webhooks.speaking import FIRST_KEY_SECONDS, leave_who_hung_up, speak
from webhooks.twiml import Hangup, Say, ask, say

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from webhooks.state import CallState

bp = Blueprint("status", __name__)
bp.before_request(leave_who_hung_up)

MOST_TRIES = 3
WINDOW = timedelta(minutes=10)
PER_CALLER = 10
ALL_UNKNOWN = 100
"""Callers without a number share this: none of them can use up what another needs at once."""
OVERALL = 600
"""References looked up in a window: enough for callers, too few to find one by guessing."""


@bp.route("/voice/status", methods=["POST"], provide_automatic_options=False)
def status() -> Response:
    """Read the status out, or ask again; a foreign reference and a missing one sound alike."""
    incoming, state = event(), event().state
    with line().transaction() as session:
        if not _is_allowed(session):
            return _end(state, "status_busy")
        if told := _told(session, incoming.digits, state.language):
            return speak(state, *told, say(state.language, "goodbye"), Hangup())
    state = state.having(tries=state.tries + 1)
    if state.tries >= MOST_TRIES:
        return _end(state, "status_none")
    return ask_reference(state)


def ask_reference(state: CallState) -> Response:
    """Ask for the nine digits."""
    prompt = "status_again" if state.tries else "status_prompt"
    return speak(
        state,
        *ask(
            "/voice/status",
            say(state.language, prompt),
            digits=LENGTH,
            seconds=FIRST_KEY_SECONDS,
            finish="#",
        ),
    )


def _is_allowed(session: Session) -> bool:
    """Count the look-up against the caller's share and everybody's."""
    incoming = event()
    number = read_caller_id(incoming.get("From")).number
    secret = line().settings.secret_key.get_secret_value()
    share = (
        (f"status/{caller_hash(secret, number)}", PER_CALLER)
        if number
        else ("status/unknown", ALL_UNKNOWN)
    )
    return all(
        take(session, key=key, allowance=allowance, window=WINDOW, at=incoming.received_at)
        for key, allowance in (share, ("status", OVERALL))
    )


def _told(session: Session, reference: str, language: str) -> tuple[Say, ...]:
    """Answer what there is to tell, or nothing where nobody was given the reference."""
    found = progress_of(session, reference)
    if found is None:
        return ()
    told = say(language, f"status_{found.status}", date=spoken_date(language, found.on))
    if found.answer_by is None:
        return (told,)
    return told, say(language, "due", date=spoken_date(language, found.answer_by))


def _end(state: CallState, name: str) -> Response:
    return speak(state, say(state.language, name), say(state.language, "goodbye"), Hangup())
