"""Where a consumer may live, by name: a list to choose from. Whose law applies is not said here.

A state without a law of its own is a residence all the same: California's figures are used there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from voiceline.rules.jurisdictions import JURISDICTIONS, UNKNOWN
from voiceline.rules.tables import read_table

_ONE_LAW_OF_SEVERAL = re.compile(r"US-[A-Z]{2}-.+")
"""The key of a law beside the one that a place's residents have: no residence."""


@dataclass(frozen=True)
class Residence:
    """The names of one place."""

    english: str
    spanish: str


def _read_all() -> dict[str, Residence]:
    found = {
        key: Residence(law.english.removeprefix("the "), law.spanish.removeprefix("la "))
        for key, law in JURISDICTIONS.items()
        if key != UNKNOWN and not _ONE_LAW_OF_SEVERAL.fullmatch(key)
    }
    found |= {key: Residence(**names) for key, names in read_table("residences").items()}
    return dict(sorted(found.items(), key=lambda item: _rank(*item)))


def _rank(key: str, place: Residence) -> tuple[bool, str]:
    return not key.startswith("US-"), place.english


RESIDENCES = _read_all()
"""Every place by its key, the states first, each part in the order of the English names."""
