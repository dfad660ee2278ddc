"""Raw requests of the carrier's, signed by hand, put to the telephone without a server between.

Signatures come from the vendor's own library, never from the code under test, and every document
that is answered is read by the simulator, which refuses what the carrier would refuse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from lines import ACCOUNT, CALLER, NUMBER, TOKEN
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.test import Client

from voiceline.simulator import read_twiml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flask import Flask
    from werkzeug.test import TestResponse

    from voiceline.simulator.verbs import Document

BASE = "https://voice.example.com"
CALL = "CA" + "1" * 32
RECORDING = "RE" + "1" * 32
FORM = "application/x-www-form-urlencoded"
STARTED = "Fri, 20 Nov 2026 20:00:00 +0000"

Pairs = list[tuple[str, str]]


def call_facts(**changes: str) -> dict[str, str]:
    """Answer what every voice request carries, as the carrier names it."""
    return {
        "AccountSid": ACCOUNT,
        "CallSid": CALL,
        "CallStatus": "in-progress",
        "From": CALLER,
        "To": NUMBER,
        "FromCity": "",
        "ApiVersion": "2010-04-01",
        "Direction": "inbound",
    } | changes


def recorded(**changes: str) -> dict[str, str]:
    """Answer what a Record's action carries."""
    facts = {"RecordingSid": RECORDING, "RecordingDuration": "7", "Digits": "#"}
    return call_facts(**facts | changes)


def recording_event(**changes: str) -> dict[str, str]:
    """Answer what a recordingStatusCallback carries: neither From nor To."""
    return {
        "AccountSid": ACCOUNT,
        "CallSid": CALL,
        "RecordingSid": RECORDING,
        "RecordingUrl": f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Recordings/{RECORDING}",
        "RecordingStatus": "completed",
        "RecordingDuration": "7",
        "RecordingChannels": "1",
        "RecordingStartTime": STARTED,
        "RecordingSource": "RecordVerb",
        "ErrorCode": "0",
    } | changes


def signature(
    url: str, pairs: Iterable[tuple[str, str]], *, token: str = TOKEN, algorithm: str | None = None
) -> str:
    """Sign as the vendor's library does."""
    return RequestValidator(token).compute_signature(url, MultiDict(pairs), algorithm)


@dataclass(frozen=True)
class Answered:
    """What came back."""

    response: TestResponse

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def text(self) -> str:
        return self.response.get_data(as_text=True)

    @property
    def document(self) -> Document:
        """The TwiML, or an error where the carrier would have one."""
        assert len(self.response.data) < 64 * 1024
        return read_twiml(self.response.data, self.response.content_type)

    @property
    def verbs(self) -> list[str]:
        """The names of the top-level verbs."""
        return [type(verb).__name__ for verb in self.document.verbs]

    @property
    def said(self) -> str:
        """All the words of the document."""
        parts = [
            part for verb in self.document.verbs for part in [verb, *getattr(verb, "prompts", ())]
        ]
        return " ".join(part.text for part in parts if hasattr(part, "text"))

    def verb(self, name: str) -> Any:
        """Answer the only verb of the name."""
        (found,) = (verb for verb in self.document.verbs if type(verb).__name__ == name)
        return found


@dataclass(frozen=True)
class Telephone:
    """The app under test, and a carrier that can say anything to it."""

    app: Flask

    def post(
        self,
        path: str,
        facts: Mapping[str, str] | Pairs | None = None,
        *,
        url: str | None = None,
        token: str = TOKEN,
        **options: Any,
    ) -> Answered:
        """Post the facts, signed over the path's own URL or over another `url`."""
        pairs = list((call_facts() if facts is None else dict(facts)).items())
        if isinstance(facts, list):
            pairs = facts
        signed = signature(url or BASE + path, pairs, token=token)
        headers = {"X-Twilio-Signature": signed} | options.pop("headers", {})
        options = {"content_type": FORM, "method": "POST", "base_url": BASE} | options
        body = options.pop("data", urlencode(pairs).encode())
        return self.send(path, data=body, headers=headers, **options)

    def send(self, path: str, **options: Any) -> Answered:
        """Send exactly this."""
        return Answered(Client(self.app).open(path, **{"base_url": BASE} | options))

    def answer(self, **changes: str) -> Answered:
        """Let the telephone ring."""
        return self.post("/voice/answer", call_facts(CallStatus="ringing") | changes)

    def key(self, answered: Answered, digits: str, **changes: str) -> Answered:
        """Key the digits where the document waits for them."""
        return self.post(answered.verb("Gather").action, call_facts(Digits=digits) | changes)

    def reach(self, code: str = "4021", **changes: str) -> Answered:
        """Answer the greeting that a caller hears who keys the code at once."""
        return self.key(self.answer(**changes), code, **changes)

    def tone(self, right: str = "", **changes: str) -> Answered:
        """Answer the document that records."""
        greeting = self.reach(**changes)
        if not right:
            return self.key(greeting, "1", **changes)
        return self.key(self.key(greeting, "", **changes), right, **changes)

    def speak(self, tone: Answered, **changes: str) -> Answered:
        """Leave the message the document asked for."""
        return self.post(tone.verb("Record").action, recorded() | changes)

    def call_back(self, tone: Answered, **changes: str) -> Answered:
        """Tell what became of the recording the document asked for."""
        path = tone.verb("Record").recording_status_callback
        return self.post(path, recording_event() | changes)
