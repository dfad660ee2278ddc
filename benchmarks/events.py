"""What the carrier sends, as whole HTTP requests: each signed over its own body."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from voiceline.simulator.signature import Signer
from webhooks.state import CallState, StateSeal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voiceline.settings import Settings

STARTED = "Fri, 20 Nov 2026 20:00:00 +0000"
HEADERS = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Accept": "*/*",
    "User-Agent": "TwilioProxy/1.1",
    "I-Twilio-Idempotency-Token": "2f1d9a5e-0c1b-4f0e-9d57-6a1c8c3b7e11",
}
SPEAKING_FORMS = 2000
"""Different signed forms; enough that no cache can know them all by accident."""


@dataclass(frozen=True)
class Sender:
    """What the carrier knows."""

    base: str
    """The telephone's public address, which signatures are made over."""
    account: str
    token: str
    secret_key: str
    """Seals the state in the callback's address, as the telephone's own documents would."""
    number: str

    def sign(self, path: str, form: Mapping[str, str]) -> tuple[dict[str, str], str]:
        """Answer the headers and the body of a signed POST."""
        signed = Signer(self.token).headers(self.base + path, form.items())
        return HEADERS | signed, urlencode(form)

    def request(self, path: str, form: Mapping[str, str]) -> bytes:
        """Answer the bytes of a signed POST."""
        headers, body = self.sign(path, form)
        headers |= {"Host": urlsplit(self.base).netloc, "Content-Length": str(len(body))}
        lines = [f"POST {path} HTTP/1.1", *(f"{name}: {text}" for name, text in headers.items())]
        return "\r\n".join([*lines, "", body]).encode()


def sender_of(settings: Settings, base: str) -> Sender:
    """Answer the carrier that a telephone with these settings believes."""
    return Sender(
        base,
        settings.twilio_account_sid,
        settings.twilio_auth_token.get_secret_value(),
        settings.secret_key.get_secret_value(),
        settings.twilio_numbers[0],
    )


def call_id(number: int) -> str:
    """Answer the id of the call with the number."""
    return f"CA{number:032x}"


def answers(sender: Sender) -> list[bytes]:
    """Answer requests of ringing telephones, each with another caller."""
    chance = random.Random(1)
    return [
        sender.request("/voice/answer", _ringing(sender, chance)) for _ in range(SPEAKING_FORMS)
    ]


def recordings(sender: Sender, first: int, count: int) -> list[bytes]:
    """Answer callbacks of that many recordings, one to a call, beginning with call `first`."""
    return [sender.request(*_recorded(sender, n)) for n in range(first, first + count)]


def recording(sender: Sender, number: int) -> tuple[str, dict[str, str], str]:
    """Answer path, headers and body of the callback of one recording that has just ended."""
    path, form = _recorded(sender, number)
    form |= {"RecordingStartTime": format_datetime(datetime.now(UTC))}
    return path, *sender.sign(path, form)


def _recorded(sender: Sender, number: int) -> tuple[str, dict[str, str]]:
    state = CallState(step=5, code="4021", right="delete")
    token = StateSeal(sender.secret_key).write(state, call_id(number))
    return f"/voice/recording?s={token}", {
        "AccountSid": sender.account,
        "CallSid": call_id(number),
        "RecordingSid": f"RE{number:032x}",
        "RecordingUrl": "https://api.twilio.com/2010-04-01/Accounts/"
        f"{sender.account}/Recordings/RE{number:032x}",
        "RecordingStatus": "completed",
        "RecordingDuration": "12",
        "RecordingChannels": "1",
        "RecordingStartTime": STARTED,
        "RecordingSource": "RecordVerb",
        "ErrorCode": "0",
    }


def _ringing(sender: Sender, chance: random.Random) -> dict[str, str]:
    caller = f"+1415555{chance.randrange(10_000):04}"
    places = {"City": "SAN FRANCISCO", "State": "CA", "Zip": "94105", "Country": "US"}
    return {
        "AccountSid": sender.account,
        "ApiVersion": "2010-04-01",
        "CallSid": f"CA{chance.getrandbits(128):032x}",
        "CallStatus": "ringing",
        "Direction": "inbound",
        "From": caller,
        "Caller": caller,
        "To": sender.number,
        "Called": sender.number,
        "StirVerstat": "TN-Validation-Passed-A",
        **{f"{who}{what}": value for who in ("From", "Caller") for what, value in places.items()},
        **{f"{who}{what}": "" for who in ("To", "Called") for what in ("City", "State", "Zip")},
        "ToCountry": "US",
        "CalledCountry": "US",
    }
