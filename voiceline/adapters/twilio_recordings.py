"""The carrier's recordings: fetched, checked, listed and deleted at Twilio.

Media addresses are built from ids we have checked, never taken from a callback (a forged
RecordingUrl would make us fetch anything); a redirect is followed on the carrier's own host only.
"""

from __future__ import annotations

import io
import re
import time
import wave
from datetime import UTC
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from twilio.base.exceptions import TwilioException

from voiceline.adapters.twilio_http import (
    carrier_answers,
    make_twilio_client,
    network_errors,
    status_of,
)
from voiceline.errors import MissingRecordingError, PermanentFailure, TemporaryFailure
from voiceline.ports import CarrierCall, CarrierRecording

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    import requests

    from voiceline.adapters.twilio_http import CarrierHttp

MAX_BYTES = 64 * 1024 * 1024
"""An hour of the carrier's 8 kHz 16-bit mono WAV (16,000 bytes a second) and some room."""
PAGE_SIZE = 1000
"""The most that the carrier lists at once."""
MOST_REDIRECTS = 3

_RECORDING_ID = re.compile(r"RE[0-9a-f]{32}")
_CALL_ID = re.compile(r"CA[0-9a-f]{32}")
_CHUNK = 256 * 1024
"""Bytes taken at once at most: what has arrived is taken, so a trickle is noticed in time."""


class TwilioRecordings:
    """RecordingSource at Twilio, or at anything that speaks its REST API.

    `previous_password` is tried when the carrier refuses `password`: while a token is rotated,
    either may be the valid one. Time-outs are seconds; `transfer_timeout` bounds a whole download.
    """

    def __init__(
        self,
        *,
        account_sid: str,
        username: str,
        password: str,
        previous_password: str = "",
        api_base: str = "https://api.twilio.com",
        connect_timeout: float = 5,
        read_timeout: float = 30,
        transfer_timeout: float = 120,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._client = make_twilio_client(
            account_sid=account_sid,
            username=username,
            passwords=(password, previous_password),
            api_base=api_base,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
        )
        self._http: CarrierHttp = self._client.http_client
        self._folder = f"{self._http.api_base}/2010-04-01/Accounts/{account_sid}/Recordings"
        self._transfer_timeout = transfer_timeout
        self._max_bytes = max_bytes

    def fetch(self, recording_id: str) -> bytes:
        deadline = time.monotonic() + self._transfer_timeout
        url = f"{self._folder}/{_checked(_RECORDING_ID, recording_id)}.wav"
        with self._open_media(url) as answer:
            if answer.status_code == HTTPStatus.NOT_FOUND:
                raise MissingRecordingError("the carrier does not have the recording")
            if answer.status_code != HTTPStatus.OK:
                raise PermanentFailure(f"the carrier answered {answer.status_code} to a download")
            audio = self._read(answer, deadline)
        _check_wav(audio)
        return audio

    def delete(self, recording_id: str) -> None:
        with carrier_answers():
            try:
                self._client.recordings(_checked(_RECORDING_ID, recording_id)).delete()
            except TwilioException as error:
                if status_of(error) != HTTPStatus.NOT_FOUND:
                    raise

    def list_since(self, since: datetime) -> Iterator[CarrierRecording]:
        # The carrier reads the date of this filter, not the hour; the rest is ours.
        since = since.astimezone(UTC)
        with carrier_answers():
            recordings = self._client.recordings.stream(
                date_created_after=since, page_size=PAGE_SIZE
            )
        while (recording := _next_of(recordings)) is not None:
            if recording.status == "completed" and _recorded_at(recording) >= since:
                yield _listed(recording)

    def find(self, recording_id: str) -> CarrierRecording | None:
        with carrier_answers():
            try:
                found = self._client.recordings(_checked(_RECORDING_ID, recording_id)).fetch(
                    include_soft_deleted=True
                )
            except TwilioException as error:
                if status_of(error) == HTTPStatus.NOT_FOUND:
                    return None
                raise
        if found.sid != recording_id:
            raise TemporaryFailure("the carrier's answer is about another recording")
        return _listed(found)

    def call(self, call_id: str) -> CarrierCall | None:
        with carrier_answers():
            try:
                call = self._client.calls(_checked(_CALL_ID, call_id)).fetch()
            except TwilioException as error:
                if status_of(error) == HTTPStatus.NOT_FOUND:
                    return None
                raise
        if call.sid != call_id:
            raise TemporaryFailure("the carrier's answer is about no call or another one")
        return CarrierCall(
            call_id=call_id,
            from_number=_text(call._from),  # noqa: SLF001 - the library's name for "from"
            to_number=_text(call.to),
            started_at=call.start_time,
        )

    def _open_media(self, url: str) -> requests.Response:
        for _ in range(1 + MOST_REDIRECTS):
            answer = self._http.send("GET", url, headers={"Accept-Encoding": "identity"})
            if not answer.is_redirect:
                return answer
            answer.close()
            url = urljoin(url, answer.headers["Location"])
            if _host(url) != _host(self._http.api_base):
                break
        raise PermanentFailure(
            "the carrier's download leads to another host, which is not followed:"
            " check VOICELINE_TWILIO_API_BASE"
        )

    def _read(self, answer: requests.Response, deadline: float) -> bytes:
        """Answer the body: not a page of HTML, as long as announced, in time and in bounds."""
        if answer.headers.get("Content-Type", "").lower().startswith("text/"):
            raise TemporaryFailure("the carrier answered a text where audio was expected")
        announced = answer.headers.get("Content-Length", "")
        audio = bytearray()
        with network_errors():
            while chunk := answer.raw.read1(_CHUNK):
                audio += chunk
                if len(audio) > self._max_bytes:
                    raise PermanentFailure(f"the recording is over {self._max_bytes} bytes")
                if time.monotonic() > deadline:
                    raise TemporaryFailure("the carrier sent the recording too slowly")
        if announced.isdigit() and int(announced) != len(audio):
            raise TemporaryFailure("the carrier cut the recording short")
        return bytes(audio)


def _check_wav(audio: bytes) -> None:
    """Raise TemporaryFailure unless these are the frames that the WAV header promises.

    Temporary, since the carrier's copy stays where it is and a fresh download may be whole.
    """
    try:
        with wave.open(io.BytesIO(audio)) as file:
            promised = file.getnframes()
            width = file.getnchannels() * file.getsampwidth()
            received = len(file.readframes(promised))
    except (wave.Error, EOFError, RuntimeError) as error:
        raise TemporaryFailure("the carrier's answer is not a WAV file") from error
    if promised == 0:
        raise TemporaryFailure("the carrier's recording holds no audio")
    if received != promised * width:
        raise TemporaryFailure("the carrier's recording is shorter than its header says")


def _checked(pattern: re.Pattern[str], identifier: str) -> str:
    if not pattern.fullmatch(identifier):
        raise PermanentFailure("not an id of the carrier's")
    return identifier


def _listed(recording: Any) -> CarrierRecording:
    return CarrierRecording(
        recording_id=_text(recording.sid),
        call_id=_text(recording.call_sid),
        recorded_at=_recorded_at(recording),
        duration=_seconds(recording.duration),
    )


def _next_of(recordings: Iterator[Any]) -> Any | None:
    with carrier_answers():
        return next(recordings, None)


def _recorded_at(recording: Any) -> datetime:
    moment: datetime | None = recording.start_time or recording.date_created
    if moment is None:
        raise TemporaryFailure("the carrier lists a recording without a date")
    return moment


def _seconds(duration: str | None) -> int:
    # "-1" is the carrier's word for a length that is not known yet.
    return max(0, int(duration)) if duration and duration.lstrip("-").isdigit() else 0


def _text(value: str | None) -> str:
    return value or ""


def _host(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
