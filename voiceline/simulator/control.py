"""The control API: place scripted calls from another process, change faults, wait, look.

Bodies are JSON. A cross-site page cannot send that content type unasked, so nobody's browser can
be made to place calls.
"""

from __future__ import annotations

import json
import queue
import threading
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request

from .caller import Caller
from .clock import Clock
from .errors import AudioError
from .faults import Faults
from .rest import carrier
from .scripted import ScriptedParty

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.typing import ResponseReturnValue

    from .carrier import Carrier
    from .events import CallEvent

LONGEST_DRAIN = 300.0

control = Blueprint("control", __name__, url_prefix="/simulator")


@control.errorhandler(ValueError)
@control.errorhandler(TypeError)
@control.errorhandler(AudioError)
def explain(wrong: Exception) -> ResponseReturnValue:
    """Answer a bad request with the reason."""
    return jsonify(error=str(wrong)), 400


@control.post("/calls")
def place_call() -> ResponseReturnValue:
    """Place a scripted call and stream its events, one JSON object a line.

    Body: `to`, `caller` (as Caller.as_json writes it), optional `speed`. The last event is
    `ended`, and holds the outcome.
    """
    wanted = _body()
    caller = Caller.from_json(wanted.get("caller") or {})
    to, speed = str(wanted["to"]) if "to" in wanted else "", wanted.get("speed")
    if not to:
        raise ValueError("`to` names the number to call")
    if speed is not None and (isinstance(speed, bool) or not isinstance(speed, int | float)):
        raise ValueError("`speed` is a number")
    # Whatever is wrong with the script must come out before the answer begins.
    ScriptedParty(caller, Clock(carrier().config.speed if speed is None else speed))
    lines = _call_lines(carrier(), caller, to, speed)
    return Response(lines, mimetype="application/x-ndjson")


@control.get("/faults")
def show_faults() -> ResponseReturnValue:
    """Answer the knobs as they were set."""
    return jsonify(asdict(carrier().faults.now))


@control.post("/faults")
def set_faults() -> ResponseReturnValue:
    """Set the knobs that the body names; all others are off."""
    faults = Faults.from_json(_body())
    carrier().set_faults(faults)
    return jsonify(asdict(faults))


@control.post("/drain")
def drain() -> ResponseReturnValue:
    """Wait until every callback has been sent; 504 when `timeout` seconds are not enough."""
    timeout = float(_body().get("timeout", 30))
    try:
        carrier().drain(min(timeout, LONGEST_DRAIN))
    except TimeoutError as late:
        return jsonify(error=str(late)), 504
    return jsonify(drained=True)


@control.get("/alerts")
def show_alerts() -> ResponseReturnValue:
    """Answer the carrier's debugger, oldest first."""
    alerts = [asdict(alert) | {"at": alert.at.isoformat()} for alert in list(carrier().alerts)]
    return jsonify(alerts=alerts)


def _body() -> dict[str, Any]:
    written = request.get_json()
    if not isinstance(written, dict):
        raise TypeError("the body must be a JSON object")
    return written


def _call_lines(at: Carrier, caller: Caller, to: str, speed: float | None) -> Iterator[str]:
    """Run the call in its own thread, so that a reader who leaves does not end it."""
    events: queue.SimpleQueue[CallEvent | None] = queue.SimpleQueue()

    def run() -> None:
        try:
            at.place_call(caller, to, events.put, speed=speed)
        finally:
            events.put(None)

    threading.Thread(target=run, name="scripted-call", daemon=True).start()
    while (event := events.get()) is not None:
        yield json.dumps(event.as_json()) + "\n"
