"""The form parameters of every request that the carrier makes, as Twilio names them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .ids import rfc2822

if TYPE_CHECKING:
    from datetime import datetime

    from .resources import CallRow, RecordingRow

API_VERSION = "2010-04-01"


def standard(account_sid: str, call: CallRow, status: str) -> dict[str, str]:
    """Answer what every voice request carries; places are known for real numbers only."""
    params = {
        "AccountSid": account_sid,
        "ApiVersion": API_VERSION,
        "CallSid": call.sid,
        "CallStatus": status,
        "CallToken": f'{{"parentCallInfoToken":"{call.sid[2:]}"}}',
        "Direction": "inbound",
        "StirVerstat": "TN-Validation-Passed-A",
    }
    withheld = not call.from_number.startswith("+")
    for names, number in (
        (("From", "Caller"), call.from_number),
        (("To", "Called"), call.to_number),
    ):
        for name in names:
            params[name] = number
            params |= _place(name, unknown=withheld and number == call.from_number)
    if withheld:
        params["StirVerstat"] = "No-TN-Validation"
    return params


def _place(name: str, *, unknown: bool) -> dict[str, str]:
    city, state, postcode, country = ("", "", "", "") if unknown else ("", "CA", "", "US")
    return {
        f"{name}City": city,
        f"{name}State": state,
        f"{name}Zip": postcode,
        f"{name}Country": country,
    }


def recording_url(rest_url: str, account_sid: str, recording_sid: str) -> str:
    """Answer where the recording's media is, without extension."""
    return f"{rest_url}/{API_VERSION}/Accounts/{account_sid}/Recordings/{recording_sid}"


def record_action(
    url: str, recording: RecordingRow, *, seconds: int, digits: str
) -> dict[str, str]:
    """Answer what a Record's action gets; `seconds` count before trimming."""
    return {
        "RecordingUrl": url,
        "RecordingSid": recording.sid,
        "RecordingDuration": str(seconds),
        "Digits": digits,
    }


def recording_event(
    account_sid: str, url: str, recording: RecordingRow, status: str
) -> dict[str, str]:
    """Answer what a recordingStatusCallback gets; there is no From and no To in it."""
    params = {
        "AccountSid": account_sid,
        "CallSid": recording.call_sid,
        "RecordingSid": recording.sid,
        "RecordingUrl": url,
        "RecordingStatus": status,
        "RecordingChannels": "1",
        "RecordingStartTime": rfc2822(recording.started_at) or "",
        "RecordingSource": "RecordVerb",
        "RecordingTrack": "both",
        "ErrorCode": str(recording.error_code or 0),
    }
    if status != "in-progress":
        params["RecordingDuration"] = str(recording.duration)
    return params


def call_ended(base: dict[str, str], call: CallRow, at: datetime) -> dict[str, Any]:
    """Answer what the number's statusCallback gets when the call is over."""
    return base | {
        "CallDuration": str(call.duration),
        "Duration": str(-(-call.duration // 60)),
        "SipResponseCode": {"completed": "200", "busy": "486"}.get(call.status, "480"),
        "Timestamp": rfc2822(at) or "",
        "CallbackSource": "call-progress-events",
        "SequenceNumber": "0",
    }
