"""The time zones a business can have: names of the IANA database, the frequent ones first."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from voiceline.errors import UserError

FREQUENT = {
    "America/New_York": "Eastern time",
    "America/Chicago": "Central time",
    "America/Denver": "Mountain time",
    "America/Phoenix": "Arizona, without summer time",
    "America/Los_Angeles": "Pacific time",
    "America/Anchorage": "Alaska",
    "Pacific/Honolulu": "Hawaii",
    "America/Puerto_Rico": "Puerto Rico",
}
"""Where businesses of the United States are, from east to west."""

_PLACES = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian")


@cache
def other_time_zones() -> tuple[str, ...]:
    """Answer the other names that are places, in the order of the alphabet."""
    places = (*_PLACES, "Pacific")
    found = (name for name in available_timezones() if name.partition("/")[0] in places)
    return (*sorted(set(found) - set(FREQUENT)), "UTC")


def read_time_zone(text: str) -> str:
    """Answer the name if there is such a zone, or raise UserError."""
    if text in FREQUENT or text in _every():
        return text
    raise UserError(f"{text[:64]} is not a time zone such as America/New_York.")


@cache
def _every() -> frozenset[str]:
    """Answer every name that is no file beside the database."""
    return frozenset(available_timezones()) - {"localtime", "Factory", "posixrules"}
