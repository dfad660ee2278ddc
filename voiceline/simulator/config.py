"""What a simulated carrier is made with."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .faults import Faults

if TYPE_CHECKING:
    from pathlib import Path

    from .resources import Number
    from .signature import SharedKey


@dataclass(frozen=True)
class CarrierConfig:
    """Everything comes from here: the simulator reads no environment."""

    account_sid: str
    auth_token: str = field(repr=False)
    data_dir: Path
    """Calls and recordings are kept here."""
    numbers: tuple[Number, ...] = ()
    api_key: str = ""
    api_secret: str = field(default="", repr=False)
    speed: float = 1.0
    """How much faster than real a call runs; 0 or inf = without waiting."""
    faults: Faults = field(default_factory=Faults)
    silence_absent: bool = False
    """Empty recordings are thrown away and reported as absent, instead of being kept."""
    shared_key: SharedKey | None = None
    """Signs with HMAC_SHA256 under this key instead of the auth token."""
    rest_url: str = "https://api.twilio.com"
    """What RecordingUrl begins with."""
    verified: tuple[str, ...] = ()
    """Numbers that calls may be placed from though the account does not have them."""
    virtual_timestamps: bool = False
    """Write the moments of the call's own clock instead of the real ones."""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"AC[0-9a-f]{32}", self.account_sid):
            raise ValueError("account_sid is AC and 32 hexadecimal digits")
        if not self.auth_token:
            raise ValueError("auth_token is empty")
