"""The carrier: numbers, calls, recordings, callbacks, and what it gets wrong on purpose."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from . import parameters
from .callbacks import CallbackQueue
from .clock import Clock
from .delivery import Order, deliver
from .errors import CarrierFault, DeliveryError
from .executor import run_call
from .faults import Faults, FaultState
from .ids import new_sid
from .live import LiveCall, utc_now
from .resources import CallRow, Number, RecordingRow
from .scripted import ScriptedParty
from .signature import Signer
from .store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from .caller import Caller, Party
    from .config import CarrierConfig
    from .events import CallEvent, CallRecord

CALLBACK_FAILED, CALLBACK_ANSWER_TOO_LARGE = 15003, 17583
MOST_CALLBACK_ANSWER = 1024
MOST_ALERTS = 1000
# Outcomes that leave the call in a status of their own; others depend on whether it was answered.
ENDED_AS = {
    "rejected": "no-answer",
    "busy": "busy",
    "no_such_number": "failed",
    "simulator_failed": "failed",
    "carrier_error_message": "completed",
}


@dataclass(frozen=True)
class Alert:
    """One line of the carrier's debugger."""

    at: datetime
    code: int
    call_id: str
    message: str


class Carrier:
    """One account at the simulated carrier; safe between threads."""

    def __init__(self, config: CarrierConfig) -> None:
        self.config = config
        self.account_sid = config.account_sid
        self.rest_url = config.rest_url.rstrip("/")
        self.silence_absent = config.silence_absent
        self.signer = Signer(config.auth_token, config.shared_key)
        self.faults = FaultState(config.faults)
        self.store = Store(config.data_dir)
        self.alerts: deque[Alert] = deque(maxlen=MOST_ALERTS)
        self._callbacks = CallbackQueue()
        self._lock = threading.Lock()
        self._numbers = {number.phone_number: number for number in config.numbers}

    def place_call(
        self,
        caller: Caller,
        to: str,
        on_event: Callable[[CallEvent], None] | None = None,
        *,
        speed: float | None = None,
    ) -> CallRecord:
        """Let the caller call the number, and answer the whole story when the call is over."""
        return self.connect(
            partial(ScriptedParty, caller), caller.number, to, on_event or _ignore, speed=speed
        )

    def connect(
        self,
        party: Callable[[Clock], Party],
        from_number: str,
        to: str,
        on_event: Callable[[CallEvent], None],
        *,
        speed: float | None = None,
    ) -> CallRecord:
        """Run a call with whoever `party` puts on the line, in this thread."""
        clock = Clock(
            self.config.speed if speed is None else speed,
            virtual_timestamps=self.config.virtual_timestamps,
        )
        number = self.number(to)
        row = CallRow(new_sid("CA"), from_number, to, "ringing", clock.now())
        call = LiveCall(row, number or Number(to), party(clock), clock, self, on_event)
        self.save_call(row)
        call.tell("ringing", call_id=row.sid, number=to, caller=from_number)
        outcome = "simulator_failed"
        try:
            outcome = run_call(call) if number else "no_such_number"
        finally:
            self._end(call, outcome)
        return call.record_of(outcome)

    def number(self, phone_number: str) -> Number | None:
        """Answer the number, if the account has it."""
        with self._lock:
            return self._numbers.get(phone_number)

    def numbers(self) -> tuple[Number, ...]:
        """Answer the account's numbers."""
        with self._lock:
            return tuple(self._numbers.values())

    def update_number(self, sid: str, changes: Mapping[str, Any]) -> Number | None:
        """Change where a number's calls go; calls under way keep what they began with."""
        with self._lock:
            for number in self._numbers.values():
                if number.sid == sid:
                    changed = replace(number, **changes)
                    self._numbers[number.phone_number] = changed
                    return changed
        return None

    def set_faults(self, faults: Faults) -> None:
        """Replace all knobs; counted ones start over."""
        self.faults.set(faults)

    def drain(self, timeout: float = 30.0) -> None:
        """Wait until every callback has been sent; TimeoutError when that takes longer."""
        self._callbacks.drain(timeout)

    def close(self) -> None:
        """Stop sending callbacks."""
        self._callbacks.close()

    def save_call(self, call: CallRow) -> None:
        self.store.save_call(call)

    def save_recording(self, recording: RecordingRow, wav: bytes | None = None) -> None:
        self.store.save_recording(recording, wav)

    def call_back(self, url: str, method: str, params: Mapping[str, str]) -> None:
        if self.faults.strikes("callbacks_lost"):
            return
        faults = self.faults.now
        order = Order(method, url, params)
        delay = self.faults.delay()
        times = 1 + faults.callbacks_repeated
        if faults.repeats_at_once:
            for _ in range(times):
                self._callbacks.put(partial(self._send, order, 1), delay=delay)
        else:
            self._callbacks.put(partial(self._send, order, times), delay=delay)

    def alert(self, fault: CarrierFault, call_id: str) -> None:
        self.alerts.append(Alert(utc_now(), fault.code, call_id, str(fault)))

    def _send(self, order: Order, times: int) -> None:
        call_id = order.params.get("CallSid", "")
        for _ in range(times):
            try:
                answer = deliver(order, self.signer)
            except CarrierFault as fault:
                self.alert(DeliveryError(CALLBACK_FAILED, str(fault)), call_id)
            else:
                if len(answer.body) > MOST_CALLBACK_ANSWER:
                    size = f"{len(answer.body)} bytes answered to a callback"
                    self.alert(DeliveryError(CALLBACK_ANSWER_TOO_LARGE, size), call_id)

    def _end(self, call: LiveCall, outcome: str) -> None:
        status = ENDED_AS.get(outcome) or (
            "completed" if call.answered_second is not None else "no-answer"
        )
        if outcome == "caller_hung_up" and "hangup" not in {event.kind for event in call.events}:
            call.tell("hangup", by="caller")
        now = call.clock.now()
        call.status = status
        call.row = replace(call.row, status=status, ended_at=now, duration=call.duration())
        self.save_call(call.row)
        if call.number.status_callback:
            base = parameters.standard(self.account_sid, call.row, status)
            params = parameters.call_ended(base, call.row, now)
            self.call_back(call.number.status_callback, call.number.status_callback_method, params)
        call.tell("status", status=status, seconds=call.row.duration)
        call.tell("ended", outcome=outcome, status=status, seconds=round(call.clock.elapsed(), 2))


def _ignore(_: CallEvent) -> None:
    """Have nobody listen."""
