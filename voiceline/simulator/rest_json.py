"""Rows as the JSON that Twilio's REST API answers and its client libraries read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .ids import rfc2822
from .parameters import API_VERSION

if TYPE_CHECKING:
    from datetime import datetime

    from .resources import CallRow, Number, RecordingRow

Json = dict[str, Any]


def root(account_sid: str) -> str:
    """Answer the path under which the account's resources are."""
    return f"/{API_VERSION}/Accounts/{account_sid}"


def recording_json(account_sid: str, rest_url: str, row: RecordingRow) -> Json:
    """Answer a recording; a deleted one keeps its row."""
    path = f"{root(account_sid)}/Recordings/{row.sid}"
    done = row.status == "completed"
    return {
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "call_sid": row.call_sid,
        "conference_sid": None,
        "date_created": rfc2822(row.created_at),
        "date_updated": rfc2822(row.deleted_at or row.created_at),
        "start_time": rfc2822(row.started_at),
        "duration": str(row.duration) if done else "-1",
        "sid": row.sid,
        "price": None,
        "price_unit": "USD",
        "status": "deleted" if row.deleted_at else row.status,
        "channels": 1,
        "source": "RecordVerb",
        "error_code": row.error_code,
        "uri": f"{path}.json",
        "encryption_details": None,
        "subresource_uris": {
            "add_on_results": f"{path}/AddOnResults.json",
            "transcriptions": f"{path}/Transcriptions.json",
        },
        "media_url": rest_url + path,
    }


def call_json(account_sid: str, number_sid: str, row: CallRow) -> Json:
    """Answer a call."""
    path = f"{root(account_sid)}/Calls/{row.sid}"
    return {
        "sid": row.sid,
        "date_created": rfc2822(row.created_at),
        "date_updated": rfc2822(row.ended_at or row.created_at),
        "parent_call_sid": None,
        "account_sid": account_sid,
        "to": row.to_number,
        "to_formatted": row.to_number,
        "from": row.from_number,
        "from_formatted": row.from_number,
        "phone_number_sid": number_sid,
        "status": row.status,
        "start_time": rfc2822(row.started_at or _rang_at(row)),
        "end_time": rfc2822(row.ended_at),
        "duration": str(row.duration) if row.ended_at else None,
        "price": None,
        "price_unit": "USD",
        "direction": row.direction,
        "answered_by": None,
        "annotation": None,
        "api_version": API_VERSION,
        "forwarded_from": None,
        "group_sid": None,
        "caller_name": None,
        "queue_time": "0",
        "trunk_sid": None,
        "uri": f"{path}.json",
        "subresource_uris": {"recordings": f"{path}/Recordings.json"},
    }


def _rang_at(row: CallRow) -> datetime | None:
    """Answer when the call came, which is what one that nobody placed for us begins with."""
    return row.created_at if row.direction == "inbound" else None


def number_json(account_sid: str, number: Number) -> Json:
    """Answer a telephone number and where its calls go."""
    return {
        "sid": number.sid,
        "account_sid": account_sid,
        "friendly_name": number.friendly_name or number.phone_number,
        "phone_number": number.phone_number,
        "voice_url": number.voice_url,
        "voice_method": number.voice_method,
        "voice_fallback_url": number.voice_fallback_url,
        "voice_fallback_method": number.voice_fallback_method,
        "status_callback": number.status_callback,
        "status_callback_method": number.status_callback_method,
        "voice_caller_id_lookup": False,
        "voice_application_sid": None,
        "date_created": None,
        "date_updated": None,
        "sms_url": "",
        "sms_method": "POST",
        "sms_fallback_url": "",
        "sms_fallback_method": "POST",
        "sms_application_sid": "",
        "address_requirements": "none",
        "beta": False,
        "capabilities": {"voice": True, "sms": False, "mms": False, "fax": False},
        "api_version": API_VERSION,
        "status": "in-use",
        "origin": "twilio",
        "uri": f"{root(account_sid)}/IncomingPhoneNumbers/{number.sid}.json",
    }
