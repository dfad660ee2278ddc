"""A call while it lasts: who is on it, how far it is, and what has happened so far."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urldefrag, urljoin, urlsplit

from . import parameters
from .delivery import Answer, Attempt, Order, deliver
from .errors import CallOver, CarrierFault
from .events import CallEvent, CallRecord, Heard, ServedDocument

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .caller import Party
    from .clock import Clock
    from .faults import FaultState
    from .resources import CallRow, Number, RecordingRow
    from .signature import Signer

LONGEST_CALL = 4 * 3600.0
"""Seconds after which the carrier cuts a call off."""


@dataclass(frozen=True)
class Step:
    """A document to fetch: where, how, and with what besides the standard parameters."""

    url: str
    method: str = "POST"
    params: Mapping[str, str] = field(default_factory=dict)
    is_fallback: bool = False

    @property
    def name(self) -> str:
        """The last segment of the URL's path."""
        return urlsplit(self.url).path.rstrip("/").rpartition("/")[2]


class Office(Protocol):
    """What a call needs of its carrier."""

    account_sid: str
    signer: Signer
    rest_url: str
    silence_absent: bool
    faults: FaultState

    def save_call(self, call: CallRow) -> None:
        """Keep the call's row."""

    def save_recording(self, recording: RecordingRow, wav: bytes | None = None) -> None:
        """Keep the recording's row, and its audio once there is one."""

    def call_back(self, url: str, method: str, params: Mapping[str, str]) -> None:
        """Send this from the background; its answer interests nobody."""

    def alert(self, fault: CarrierFault, call_id: str) -> None:
        """Write the fault into the carrier's debugger."""


@dataclass
class LiveCall:
    """The state of one call; used by one thread."""

    row: CallRow
    number: Number
    party: Party
    clock: Clock
    office: Office
    on_event: Callable[[CallEvent], None]
    status: str = "ringing"
    document_url: str = ""
    answered_second: float | None = None
    events: list[CallEvent] = field(default_factory=list)
    documents: list[ServedDocument] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    recordings: list[str] = field(default_factory=list)

    def tell(self, kind: str, **detail: Any) -> None:
        """Emit an event."""
        event = CallEvent(kind, self.clock.now(), detail, self.clock.elapsed())
        self.events.append(event)
        self.on_event(event)

    def answer(self) -> None:
        """Pick up, if nobody has."""
        if self.answered_second is None:
            self.answered_second = self.clock.elapsed()
            self.status = "in-progress"
            self.row = replace(self.row, status=self.status, started_at=self.clock.now())
            self.office.save_call(self.row)
            self.tell("status", status=self.status)

    def next_step(self, written: str, method: str, params: Mapping[str, str]) -> Step:
        """Answer the step that a verb's address leads to; '' is the document's own."""
        return Step(self.resolve(written), method, params)

    def resolve(self, written: str) -> str:
        """Answer the absolute URL of an address in the current document, fragment included."""
        return urljoin(self.document_url, written) if written else self.document_url

    def request(self, step: Step) -> Answer:
        """Make a voice request with the standard parameters and tell every attempt."""
        base = parameters.standard(self.office.account_sid, self.row, self.status)
        order = Order(step.method, step.url, base | dict(step.params), most_bytes=64 * 1024)
        for _ in range(self.office.faults.now.requests_repeated):
            self.fetch(order, step=step.name)
        return self.fetch(order, step=step.name)

    def fetch(self, order: Order, **detail: Any) -> Answer:
        """Deliver the order and tell every attempt; raises DeliveryError."""
        attempts: list[Attempt] = []
        answer = None
        try:
            answer = deliver(order, self.office.signer, on_attempt=attempts.append)
        finally:
            for attempt in attempts:
                parts = urlsplit(attempt.url)
                came = {"twiml": answer.body.decode(errors="replace")} if answer else {}
                last = attempt is attempts[-1] and "step" in detail
                self.tell(
                    "request",
                    method=order.method,
                    url=parts.path + (f"?{parts.query}" if parts.query else ""),
                    status=attempt.status,
                    ms=attempt.milliseconds,
                    attempt=attempt.number,
                    problem=attempt.problem,
                    **detail,
                    **(came if last else {}),
                )
        return answer

    def check_length(self) -> None:
        """Cut the call off when it has lasted too long."""
        if self.clock.elapsed() > LONGEST_CALL:
            raise CallOver("cut_off")

    def duration(self) -> int:
        """Answer the whole seconds since the call was answered, rounded up."""
        if self.answered_second is None:
            return 0
        return int(-(-(self.clock.elapsed() - self.answered_second) // 1))

    def record_of(self, outcome: str) -> CallRecord:
        """Answer everything that happened."""
        return CallRecord(
            call_id=self.row.sid,
            from_number=self.row.from_number,
            to_number=self.row.to_number,
            outcome=outcome,
            seconds=self.clock.elapsed(),
            events=tuple(self.events),
            documents=tuple(self.documents),
            heard=tuple(self.heard),
            recordings=tuple(self.recordings),
        )


def without_fragment(url: str) -> str:
    """Answer the URL as it is sent."""
    return urldefrag(url).url


def utc_now() -> datetime:
    """Answer this moment."""
    return datetime.now(UTC)
