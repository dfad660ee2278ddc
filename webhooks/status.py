"""The status of a request by its reference: what became of it and when, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, Response

from voiceline import filing
from voiceline.limits import take
from voiceline.log import caller_hash
from voiceline.rules.deadlines import received_on
from voiceline.rules.lifecycle import RequestStatus
from voiceline.rules.references import LENGTH, is_reference
from webhooks.incoming import event
from webhooks.line import line
from webhooks.prompts import spoken_date
from webhooks.speaking import FIRST_KEY_SECONDS, speak
from webhooks.twiml import Hangup, Say, ask, say

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from voiceline.models import PrivacyRequest
    from webhooks.state import CallState

bp = Blueprint("status", __name__)

MOST_TRIES = 3
WINDOW = timedelta(minutes=10)
PER_CALLER = 10
OVERALL = 600
"""References looked up in a window: enough for callers, too few to find one by guessing."""

OPEN = frozenset({RequestStatus.RECEIVED, RequestStatus.ACKNOWLEDGED})


@bp.route("/voice/status", methods=["POST"], provide_automatic_options=False)
def status() -> Response:
    """Read the status out, or ask again; a foreign reference and a missing one sound alike."""
    incoming, state = event(), event().state
    with line().transaction() as session:
        if not _is_allowed(session):
            return _end(state, "status_busy")
        found = (
            filing.find_by_reference(session, incoming.digits)
            if is_reference(incoming.digits)
            else None
        )
        if found is not None:
            return speak(state, *_sentences(found, state.language), Hangup())
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
    secret = line().settings.secret_key.get_secret_value()
    who = caller_hash(secret, incoming.get("From"))
    return all(
        take(session, key=key, allowance=allowance, window=WINDOW, at=incoming.received_at)
        for key, allowance in ((f"status/{who}", PER_CALLER), ("status", OVERALL))
    )


def _sentences(request: PrivacyRequest, language: str) -> tuple[Say, ...]:
    zone = request.business.time_zone
    if request.status in OPEN:
        day = request.received_on
    else:
        day = received_on(request.finished_at or request.filed_at, zone)
    told = say(language, f"status_{request.status}", date=spoken_date(language, day))
    if request.status in OPEN:
        due = say(language, "due", date=spoken_date(language, request.respond_by))
        return (told, due, say(language, "goodbye"))
    return (told, say(language, "goodbye"))


def _end(state: CallState, name: str) -> Response:
    return speak(state, say(state.language, name), say(state.language, "goodbye"), Hangup())
