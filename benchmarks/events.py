"""What the carrier sends, as whole HTTP requests: each signed over its own body."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from voiceline.simulator.signature import Signer
from webhooks.state import CallState, StateSeal

if TYPE_CHECKING:
    from collections.abc import Mapping

STARTED = "Fri, 20 Nov 2026 20:00:00 +0000"
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

    def request(self, path: str, form: Mapping[str, str]) -> bytes:
        """Answer the bytes of a signed POST."""
        pairs = list(form.items())
        signature = Signer(self.token).headers(self.base + path, pairs)["X-Twilio-Signature"]
        body = urlencode(pairs)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {urlsplit(self.base).netloc}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\nAccept: */*\r\n"
            "User-Agent: TwilioProxy/1.1\r\nI-Twilio-Idempotency-Token: 2f1d\r\n"
            f"X-Twilio-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return (head + body).encode()


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
    seal = StateSeal(sender.secret_key)
    state = CallState(step=5, code="4021", right="delete")
    return [
        sender.request(
            f"/voice/recording?s={seal.write(state, call_id(number))}",
            {
                "AccountSid": sender.account,
                "CallSid": call_id(number),
                "RecordingSid": f"RE{number:032x}",
                "RecordingUrl": "https://api.twilio.com/2010-04-01/Accounts/"
                f"{sender.account}/Recordings/RE{number:032x}",
                "RecordingStatus": "completed",
                "RecordingDuration": "17",
                "RecordingChannels": "1",
                "RecordingStartTime": STARTED,
                "RecordingSource": "RecordVerb",
                "ErrorCode": "0",
            },
        )
        for number in range(first, first + count)
    ]


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
