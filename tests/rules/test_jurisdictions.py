"""The table of laws: what stands in it, whose law it is, and that a change has a new version."""

from __future__ import annotations

import hashlib
import json
from datetime import date

import pytest
from rules.vectors import WITHOUT_FIGURES, figures

from voiceline.errors import JurisdictionError
from voiceline.rules.jurisdictions import (
    JURISDICTIONS,
    TABLE_VERSION,
    UNKNOWN,
    WITHOUT_LAW,
    Confidence,
    find_jurisdiction,
    jurisdiction_of,
)
from voiceline.rules.rights import Right
from voiceline.rules.tables import read_table

NOON = date(2026, 11, 21)
KEYS_OF_A_LAW = """
    english spanish law citation in_force_on amended_on confidence sectoral scope note respond
    extend stop consent acknowledge appeal appeal_extend menu adds lacks since duties
"""
FINGERPRINTS = {"2026-11-22": "67d8578f651d5433"}
"""What each version of the tables held: a change of a figure needs a new version here."""

CONFIDENCE = {
    "V": "US-CA US-FL US-OR US-DE US-NE US-NJ US-TN US-MN US-RI CA-FED BR UNKNOWN-US",
    "S": "US-IA US-NH US-MD US-OK US-LA US-AL US-VT US-CA-DROP UK CA-QC",
    "K": "US-VA US-CO US-CT US-UT US-TX US-MT US-IN US-KY US-WA-MHMDA US-NV EU IN",
}
"""How sure we are of each law's figures."""

STATE_RIGHTS = {
    "US-UT": {Right.OPT_OUT_PROFILING, Right.APPEAL},
    "US-IA": {Right.OPT_OUT_PROFILING, Right.CORRECT},
}
"""What these laws lack of what the other states grant."""


def test_every_law_is_in_the_table():
    known = {row[0] for row in figures()} | WITHOUT_FIGURES

    assert JURISDICTIONS.keys() == known
    assert {key for key, law in JURISDICTIONS.items() if not law.figures.respond} == WITHOUT_FIGURES


@pytest.mark.parametrize("row", figures(), ids=lambda row: row[0])
def test_each_law_applies_from_its_day(row):
    law = JURISDICTIONS[row[0]]

    assert law.in_force_on == (date.fromisoformat(row[1]) if row[1] else None)
    assert law.citation
    assert law.english
    assert law.spanish


def test_each_figure_says_how_sure_we_are():
    marked = {key: mark for mark, keys in CONFIDENCE.items() for key in keys.split()}

    assert {key: str(law.confidence) for key, law in JURISDICTIONS.items()} == marked
    assert JURISDICTIONS["US-FL"].figures.appeal.confidence == Confidence.UNCONFIRMED
    assert JURISDICTIONS["US-OR"].figures.appeal.confidence == Confidence.READ


def test_a_changed_table_has_a_new_version():
    clocks = {right: facts["clock"] for right, facts in read_table("rights").items()}
    tables = [read_table("jurisdictions"), read_table("holidays"), clocks]
    text = json.dumps(tables, sort_keys=True, default=str)

    fingerprint = hashlib.sha256(text.encode()).hexdigest()[:16]

    assert FINGERPRINTS.get(TABLE_VERSION) == fingerprint, "give the table a new version"


def test_no_word_of_the_table_goes_unread():
    laws = {key: law for key, law in read_table("jurisdictions").items() if isinstance(law, dict)}
    del laws["menus"], laws[UNKNOWN]

    unread = {word for law in laws.values() for word in law} - set(KEYS_OF_A_LAW.split())

    assert not unread


@pytest.mark.parametrize("key", [key for key in JURISDICTIONS if key.startswith("US-")])
def test_states_grant_what_they_have_in_common(key):
    law = JURISDICTIONS[key]
    common = set(JURISDICTIONS["US-VA"].rights) - STATE_RIGHTS.get(key, set())

    granted = law.sectoral or key in WITHOUT_FIGURES | {"US-CA"} or law.rights >= common
    missing = STATE_RIGHTS.get(key, set()) & law.rights

    assert granted
    assert not missing


def test_only_california_limits_and_opts_in():
    for right in (Right.LIMIT, Right.OPT_IN, Right.ADMT_ACCESS):
        granting = {key for key, law in JURISDICTIONS.items() if right in law.rights}

        assert granting - {"CA-QC"} == {"US-CA", UNKNOWN}


def test_what_a_law_asks_besides_is_kept():
    california, canada = JURISDICTIONS["US-CA"].duties, JURISDICTIONS["CA-FED"].duties

    assert (california.records_months, california.ask_again_after_months) == (24, 12)
    assert california.look_back_to == date(2022, 1, 1)
    assert "password" in california.never_disclosed
    assert canada.silence_refuses
    assert canada.in_writing
    assert not JURISDICTIONS["US-VA"].duties.agent_may_opt_out
    assert JURISDICTIONS["UK"].duties.may_pause_for


@pytest.mark.parametrize(
    ("residence", "received", "law"),
    [
        (None, NOON, UNKNOWN),
        ("US-CA", NOON, "US-CA"),
        ("US-VA", NOON, "US-VA"),
        ("EU", NOON, "EU"),
        ("US-NY", NOON, UNKNOWN),
        ("US-DC", NOON, UNKNOWN),
        ("US-WA", NOON, UNKNOWN),
        ("US-NV", NOON, UNKNOWN),
        ("US-CA-DROP", NOON, UNKNOWN),
        ("US-KY", date(2025, 12, 31), UNKNOWN),
        ("US-KY", date(2026, 1, 1), "US-KY"),
        ("US-OK", NOON, UNKNOWN),
        ("US-OK", date(2027, 1, 1), "US-OK"),
        ("US-LA", date(2027, 6, 1), UNKNOWN),
        ("IN", date(2028, 1, 1), UNKNOWN),
    ],
)
def test_a_residence_has_the_law_in_force_there(residence, received, law):
    assert jurisdiction_of(residence, received) == law


def test_every_state_has_a_law_or_californias_figures():
    own = {key for key in JURISDICTIONS if key.startswith("US-") and len(key) == 5}

    assert len(own | WITHOUT_LAW) == 50 + 1 + 5
    assert not own & WITHOUT_LAW


@pytest.mark.parametrize("residence", ["US-XX", "us-ca", "California", "US-", "../", "menus", "\0"])
def test_no_place_at_all_is_refused(residence):
    with pytest.raises(JurisdictionError, match="no jurisdiction"):
        jurisdiction_of(residence, NOON)


def test_an_empty_key_is_no_residence():
    assert find_jurisdiction("") is find_jurisdiction(None) is JURISDICTIONS[UNKNOWN]
