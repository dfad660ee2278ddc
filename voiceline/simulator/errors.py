"""What can go wrong on the simulated line.

SimulatorError
├── CarrierFault          Twilio would open a debugger event; carries its error code
│   ├── TwimlError            the document itself is refused
│   └── DeliveryError         the web request failed
├── AudioError            bytes that are no WAV file we can read
└── CallOver              not a failure: the call has ended
    └── CallerHungUp          the caller ended it
"""

from __future__ import annotations


class SimulatorError(Exception):
    """The root of the tree above."""


class CarrierFault(SimulatorError):  # noqa: N818 - the carrier's word for somebody else's failure
    """A failure that the carrier reports under one of its numbers."""

    def __init__(self, code: int, message: str, *, url: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.url = url
        """What was being fetched, without the fragment; empty where no fetch was to blame."""


class TwimlError(CarrierFault):
    """The document breaks a rule that the carrier checks."""


class DeliveryError(CarrierFault):
    """The web request to the application did not bring a usable answer."""


class AudioError(SimulatorError):
    """These bytes are no WAV file that a telephone line could carry."""


class CallOver(SimulatorError):  # noqa: N818 - an ending, not a failure
    """The call has ended, in the way that `outcome` names."""

    def __init__(self, outcome: str) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class CallerHungUp(CallOver):
    """The caller put the receiver down."""

    def __init__(self) -> None:
        super().__init__("caller_hung_up")
