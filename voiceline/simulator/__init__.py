"""A simulated carrier and its telephones, on loopback.

It follows TwiML as Twilio documents it, signs its requests, records what callers say and serves
the recordings under the carrier's REST paths. It speaks HTTP only and knows nothing of the
application it calls.
"""

from __future__ import annotations

from .caller import WITHHELD, Caller, Take
from .carrier import Alert, Carrier
from .config import CarrierConfig
from .errors import AudioError, CarrierFault, DeliveryError, SimulatorError, TwimlError
from .events import CallEvent, CallRecord, Heard, ServedDocument
from .faults import Faults
from .remote import remote_call, remote_drain, remote_faults
from .resources import Number
from .server import create_app, running, serve
from .signature import SharedKey
from .twiml import read_twiml

__all__ = [
    "WITHHELD",
    "Alert",
    "AudioError",
    "CallEvent",
    "CallRecord",
    "Caller",
    "Carrier",
    "CarrierConfig",
    "CarrierFault",
    "DeliveryError",
    "Faults",
    "Heard",
    "Number",
    "ServedDocument",
    "SharedKey",
    "SimulatorError",
    "Take",
    "TwimlError",
    "create_app",
    "read_twiml",
    "remote_call",
    "remote_drain",
    "remote_faults",
    "running",
    "serve",
]
