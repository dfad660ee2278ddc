"""A call from ringing to its end: fetch a document, do what it says, go where it points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import CallOver, CarrierFault, TwimlError
from .events import ServedDocument
from .gather import gather
from .live import Step, without_fragment
from .prompts import play_prompt
from .recorder import record
from .twiml import read_twiml
from .verbs import Document, Gather, Hangup, Pause, Play, Record, Redirect, Reject, Say

if TYPE_CHECKING:
    from collections.abc import Callable

    from .live import LiveCall

MOST_DOCUMENTS = 200
"""A call that asks for more is going round in circles."""
ALREADY_ANSWERED = 12200
# What a refused call's status becomes.
REFUSED = {"rejected": "no-answer", "busy": "busy"}


def run_call(call: LiveCall) -> str:
    """Run the call to its end and answer its outcome."""
    step = Step(call.number.voice_url, call.number.voice_method)
    try:
        for _ in range(MOST_DOCUMENTS):
            step = _follow(call, step)
    except CallOver as over:
        return over.outcome
    return "cut_off"


def _follow(call: LiveCall, step: Step) -> Step:
    """Do one step and answer the next; a failure leads to the fallback URL, once."""
    try:
        return _execute(call, _fetch(call, step))
    except CarrierFault as fault:
        failed = fault.url or without_fragment(step.url)
        call.tell("error", code=fault.code, message=str(fault), url=failed)
        call.office.alert(fault, call.row.sid)
        number = call.number
        if step.is_fallback or not number.voice_fallback_url:
            raise CallOver("carrier_error_message") from fault
        params = {"ErrorCode": str(fault.code), "ErrorUrl": failed}
        return Step(
            number.voice_fallback_url, number.voice_fallback_method, params, is_fallback=True
        )


def _fetch(call: LiveCall, step: Step) -> Document:
    answer = call.request(step)
    call.document_url = answer.url
    call.documents.append(ServedDocument(answer.url, answer.body.decode(errors="replace")))
    document = read_twiml(answer.body, answer.content_type)
    call.party.reached(step.name)
    return document


def _execute(call: LiveCall, document: Document) -> Step:
    for verb in document.verbs:
        if not isinstance(verb, Reject):
            call.answer()
        call.check_length()
        step = DO[type(verb)](call, verb)
        if step is not None:
            return step
    call.answer()
    # Running off the end hangs up.
    return _hang_up(call, Hangup())


def _prompt(call: LiveCall, verb: Say | Play | Pause) -> None:
    def listen(seconds: float) -> None:
        call.party.listen(seconds)

    play_prompt(call, verb, listen, in_gather=False)


def _redirect(call: LiveCall, verb: Redirect) -> Step:
    call.party.listen(0)
    return call.next_step(verb.url, verb.method, {})


def _hang_up(call: LiveCall, _: Hangup) -> Step:
    call.party.listen(0)
    call.tell("hangup", by="application")
    raise CallOver("completed")


def _reject(call: LiveCall, verb: Reject) -> Step:
    if call.answered_second is not None:
        raise TwimlError(ALREADY_ANSWERED, "Reject after the call was answered")
    call.status = REFUSED[verb.reason]
    call.tell("reject", reason=verb.reason)
    raise CallOver(verb.reason)


DO: dict[type, Callable[[LiveCall, Any], Step | None]] = {
    Say: _prompt,
    Play: _prompt,
    Pause: _prompt,
    Gather: gather,
    Record: record,
    Redirect: _redirect,
    Hangup: _hang_up,
    Reject: _reject,
}
