"""Where the carrier sends a number's calls: compared with what is wanted, then changed.

`client` is make_twilio_client's; fields have the names of Twilio's IncomingPhoneNumber resource.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voiceline.adapters.twilio_http import carrier_answers
from voiceline.errors import PermanentFailure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from twilio.rest import Client

FIELDS = (
    "voice_url",
    "voice_method",
    "voice_fallback_url",
    "voice_fallback_method",
    "status_callback",
    "status_callback_method",
)
"""What may be wanted of a number."""

OVERRIDING = ("voice_application_sid", "trunk_sid")
"""While one of these is set, the carrier ignores every address above."""


@dataclass(frozen=True)
class Change:
    """One field of a number that is not as wanted."""

    field: str
    old: str
    new: str


def plan(client: Client, number: str, wanted: Mapping[str, str]) -> list[Change]:
    """Answer what has to change at the carrier; nothing when the number is right.

    Raises PermanentFailure when the account does not own the number (in E.164).
    """
    if unknown := sorted(set(wanted) - set(FIELDS)):
        raise ValueError(f"not a field of a number: {', '.join(unknown)}")
    # A field left empty is what switches the overriding ones off.
    everything = dict(wanted) | (dict.fromkeys(OVERRIDING, "") if wanted else {})
    present = _resource(client, number)
    changes = [Change(name, getattr(present, name) or "", new) for name, new in everything.items()]
    return [change for change in changes if change.old != change.new]


def apply(client: Client, number: str, changes: Sequence[Change]) -> None:
    """Make the changes in one request, so that no call meets half of them."""
    if not changes:
        return
    present = _resource(client, number)
    with carrier_answers():
        present.update(**{change.field: change.new for change in changes})


def _resource(client: Client, number: str) -> Any:
    with carrier_answers():
        found = client.incoming_phone_numbers.list(phone_number=number, limit=20)
    # The carrier's filter also matches parts of numbers.
    exact = [resource for resource in found if resource.phone_number == number]
    if len(exact) != 1:
        raise PermanentFailure(
            "the carrier's account does not own this number: check VOICELINE_TWILIO_NUMBERS"
        )
    return exact[0]
