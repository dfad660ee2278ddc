"""The carrier's REST API under the paths of 2010-04-01, as far as a voice line needs it."""

from __future__ import annotations

import hmac
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, current_app, jsonify, request

from .live import utc_now
from .paging import page_of, within
from .parameters import API_VERSION
from .rest_json import call_json, number_json, recording_json

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from .carrier import Carrier
    from .resources import CallRow, RecordingRow

BASE = f"/{API_VERSION}/Accounts/<account_sid>"
NOT_FOUND, NO_AUTH, TOO_MANY, BROKEN = 20404, 20003, 20429, 20500
NOT_COMPLETED, BAD_QUERY, MONO = 21220, 20001, 21223
HTML = "<!doctype html><title>Please wait</title><p>Your request is being looked at.</p>"
# What a POST to a number may change, by the name it has there.
NUMBER_FIELDS = {
    "VoiceUrl": "voice_url",
    "VoiceMethod": "voice_method",
    "VoiceFallbackUrl": "voice_fallback_url",
    "VoiceFallbackMethod": "voice_fallback_method",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
    "FriendlyName": "friendly_name",
}

rest = Blueprint("rest", __name__)


def carrier() -> Carrier:
    """Answer the carrier that the running app belongs to."""
    found: Carrier = current_app.extensions["carrier"]
    return found


def refuse(status: int, code: int, message: str) -> ResponseReturnValue:
    """Answer an error as Twilio words it."""
    body = {
        "code": code,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return jsonify(body), status


@rest.errorhandler(ValueError)
def explain(wrong: ValueError) -> ResponseReturnValue:
    """Answer a query that cannot be understood with the reason."""
    return refuse(400, BAD_QUERY, str(wrong))


@rest.before_request
def check_request() -> ResponseReturnValue | None:
    """Check the credentials, and let the wanted faults happen to whoever has them."""
    config, faults = carrier().config, carrier().faults
    given = request.authorization
    pairs = [(config.account_sid, config.auth_token), (config.api_key, config.api_secret)]
    known = given is not None and any(
        name and _same(given.username, name) and _same(given.password, secret)
        for name, secret in pairs
    )
    if not known or faults.strikes("unauthorized"):
        refused = current_app.make_response(refuse(401, NO_AUTH, "Authenticate"))
        refused.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
        return refused
    if (request.view_args or {}).get("account_sid") != config.account_sid:
        return _missing()
    if faults.strikes("throttled"):
        wait = current_app.make_response(refuse(429, TOO_MANY, "Too Many Requests"))
        wait.headers["Retry-After"] = f"{faults.now.retry_after:g}"
        return wait
    if faults.strikes("broken"):
        return refuse(500, BROKEN, "An internal server error has occurred")
    return None


def _same(given: str | None, known: str) -> bool:
    return hmac.compare_digest((given or "").encode(), known.encode())


def _missing() -> ResponseReturnValue:
    return refuse(404, NOT_FOUND, f"The requested resource {request.path} was not found")


@rest.get(f"{BASE}/Recordings/<sid>.json")
def show_recording(account_sid: str, sid: str) -> ResponseReturnValue:
    """Answer a recording's row; deleted ones only when asked for."""
    row = carrier().store.recording(sid)
    asked = request.args.get("IncludeSoftDeleted", "").lower() == "true"
    if row is None or (row.deleted_at and not asked):
        return _missing()
    return jsonify(recording_json(account_sid, carrier().rest_url, row))


@rest.delete(f"{BASE}/Recordings/<sid>.json")
@rest.delete(f"{BASE}/Recordings/<sid>")
def delete_recording(account_sid: str, sid: str) -> ResponseReturnValue:  # noqa: ARG001 - checked before
    """Delete a completed recording's media; the row stays, as deleted."""
    if carrier().faults.strikes("deletes_failing"):
        return refuse(500, BROKEN, "An internal server error has occurred")
    store = carrier().store
    row = store.recording(sid)
    if row is None or row.deleted_at:
        return _missing()
    if row.status != "completed":
        return refuse(400, NOT_COMPLETED, "Only completed recordings can be deleted")
    store.delete_recording(replace(row, deleted_at=utc_now()))
    return "", 204


@rest.get(f"{BASE}/Recordings/<sid>.mp3")
def refuse_mp3(account_sid: str, sid: str) -> ResponseReturnValue:  # noqa: ARG001 - routed by
    """Say that there is no MP3 here: the simulator has no encoder."""
    return refuse(406, 20406, "The simulated carrier keeps WAV only")


@rest.get(f"{BASE}/Recordings/<sid>.wav")
@rest.get(f"{BASE}/Recordings/<sid>")
def show_media(account_sid: str, sid: str) -> ResponseReturnValue:  # noqa: ARG001 - checked before
    """Answer the WAV file, or what the faults make of it."""
    store, faults = carrier().store, carrier().faults
    wav = store.media(sid)
    if wav is None or faults.media_missing(sid, store.completed_moment(sid)):
        return _missing()
    if request.args.get("RequestedChannels", "1") != "1":
        return refuse(400, MONO, "The recording has one channel")
    if faults.strikes("media_html"):
        return Response(HTML, mimetype="text/html")
    if faults.strikes("media_truncated"):
        # The header promises the whole file; the connection ends half-way.
        half = Response(iter([wav[: len(wav) // 2]]), mimetype="audio/x-wav")
        half.headers["Content-Length"] = str(len(wav))
        return half
    return Response(wav, mimetype="audio/x-wav")


@rest.get(f"{BASE}/Recordings.json")
def list_recordings(account_sid: str) -> ResponseReturnValue:
    """List recordings, newest first."""
    asked = request.args.get("IncludeSoftDeleted", "").lower() == "true"

    def wanted(row: RecordingRow) -> bool:
        call = request.args.get("CallSid")
        return (
            (asked or row.deleted_at is None)
            and call in {None, row.call_sid}
            and within(request.args, "DateCreated", row.created_at)
        )

    rows = [row for row in carrier().store.recordings() if wanted(row)]
    url = carrier().rest_url
    return _page(rows, "recordings", lambda row: recording_json(account_sid, url, row))


@rest.get(f"{BASE}/Calls/<sid>.json")
def show_call(account_sid: str, sid: str) -> ResponseReturnValue:
    """Answer a call."""
    row = carrier().store.call(sid)
    return jsonify(call_json(account_sid, _number_sid(row), row)) if row else _missing()


@rest.get(f"{BASE}/Calls.json")
def list_calls(account_sid: str) -> ResponseReturnValue:
    """List calls, newest first."""

    def wanted(row: CallRow) -> bool:
        filters = {"To": row.to_number, "From": row.from_number, "Status": row.status}
        return all(
            request.args.get(name) in {None, value} for name, value in filters.items()
        ) and within(request.args, "StartTime", row.started_at or row.created_at)

    rows = [row for row in carrier().store.calls() if wanted(row)]
    return _page(rows, "calls", lambda row: call_json(account_sid, _number_sid(row), row))


@rest.get(f"{BASE}/IncomingPhoneNumbers.json")
def list_numbers(account_sid: str) -> ResponseReturnValue:
    """List the account's numbers."""
    wanted = request.args.get("PhoneNumber", "")
    rows = [number for number in carrier().numbers() if wanted in number.phone_number]
    return _page(rows, "incoming_phone_numbers", lambda number: number_json(account_sid, number))


@rest.get(f"{BASE}/IncomingPhoneNumbers/<sid>.json")
def show_number(account_sid: str, sid: str) -> ResponseReturnValue:
    """Answer a number."""
    for number in carrier().numbers():
        if number.sid == sid:
            return jsonify(number_json(account_sid, number))
    return _missing()


@rest.post(f"{BASE}/IncomingPhoneNumbers/<sid>.json")
def update_number(account_sid: str, sid: str) -> ResponseReturnValue:
    """Change where a number's calls go; parameters that voice does not need are ignored."""
    changes = {
        NUMBER_FIELDS[name]: request.form[name] for name in NUMBER_FIELDS if name in request.form
    }
    number = carrier().update_number(sid, changes)
    return jsonify(number_json(account_sid, number)) if number else _missing()


def _number_sid(row: CallRow | None) -> str:
    number = carrier().number(row.to_number) if row else None
    return number.sid if number else ""


def _page(rows: list[Any], key: str, as_json: Any) -> ResponseReturnValue:
    return jsonify(page_of(rows, key, request.path, request.args, as_json))
