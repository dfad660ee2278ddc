from __future__ import annotations

from datetime import date

import pytest

from voiceline.rules.jurisdictions import JURISDICTIONS, WITHOUT_LAW, jurisdiction_of
from voiceline.rules.residences import RESIDENCES


def test_all_fifty_states_have_one_name_each():
    states = [place.english for key, place in RESIDENCES.items() if key.startswith("US-")]

    assert len(states) == len(set(states)) == 50 + len({"DC", "PR", "GU", "VI", "AS", "MP"})
    assert states == sorted(states)


def test_states_without_a_law_are_named():
    assert RESIDENCES.keys() >= WITHOUT_LAW


@pytest.mark.parametrize("key", RESIDENCES)
def test_every_residence_leads_to_a_law(key):
    assert jurisdiction_of(key, date(2026, 11, 21)) in JURISDICTIONS


def test_names_stand_by_themselves():
    assert RESIDENCES["EU"].english == "European Union"
    assert RESIDENCES["US-NY"].spanish == "Nueva York"
