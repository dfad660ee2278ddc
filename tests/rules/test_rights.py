"""What a consumer can ask for, and the keys that ask for it."""

from __future__ import annotations

import pytest

from voiceline.rules.rights import (
    KEYS,
    LABELS,
    LEAST_DATA_POINTS,
    RIGHTS,
    WITHOUT_VERIFICATION,
    ClockClass,
    Right,
    Verification,
)


def test_every_right_has_a_name_people_understand():
    assert LABELS.keys() == set(Right)
    assert len(set(LABELS.values())) == len(Right)


@pytest.mark.parametrize("right", Right)
def test_every_right_is_named_in_both_languages(right):
    facts = RIGHTS[right]

    assert facts.english
    assert facts.spanish
    assert facts.english != facts.spanish
    assert facts.citation or facts.clock == ClockClass.HOUSE
    assert len(right) <= 32


def test_the_spanish_names_differ_from_each_other():
    assert len({facts.spanish for facts in RIGHTS.values()}) == len(Right)


def test_the_keys_ask_for_what_the_menu_says():
    assert KEYS == {
        "1": Right.OPT_OUT,
        "2": Right.KNOW_CATEGORIES,
        "3": Right.DELETE,
        "4": Right.CORRECT,
    }


@pytest.mark.parametrize(
    "right",
    [
        Right.OPT_OUT,
        Right.LIMIT,
        Right.ADMT_OPT_OUT,
        Right.OPT_OUT_ADS,
        Right.OPT_OUT_PROFILING,
        Right.OPT_IN,
        Right.WITHDRAW_CONSENT,
        Right.OBJECT,
    ],
)
def test_some_rights_need_no_proof(right):
    assert not RIGHTS[right].may_verify
    assert right in WITHOUT_VERIFICATION


def test_of_the_keyed_rights_only_opting_out_needs_no_proof():
    assert set(KEYS.values()) & WITHOUT_VERIFICATION == {Right.OPT_OUT}


@pytest.mark.parametrize(
    ("right", "verification", "points"),
    [
        (Right.KNOW_CATEGORIES, Verification.REASONABLE, 2),
        (Right.KNOW_SPECIFIC, Verification.HIGH, 3),
        (Right.DELETE, Verification.BY_SENSITIVITY, None),
        (Right.CORRECT, Verification.BY_SENSITIVITY, None),
        (Right.ADMT_ACCESS, Verification.ARTICLE_5, None),
        (Right.APPEAL, Verification.AS_BEFORE, None),
    ],
)
def test_proof_grows_with_what_is_asked_for(right, verification, points):
    facts = RIGHTS[right]

    assert facts.may_verify
    assert facts.verification == verification
    assert LEAST_DATA_POINTS.get(facts.verification) == points


def test_a_copy_nobody_was_verified_for_becomes_a_list_of_categories():
    falling_back = {right: facts.if_unverified for right, facts in RIGHTS.items()}

    assert falling_back.pop(Right.KNOW_SPECIFIC) == Right.KNOW_CATEGORIES
    assert set(falling_back.values()) == {None}


@pytest.mark.parametrize(
    ("clock", "rights"),
    [
        (ClockClass.STOP, {"opt_out", "limit", "opt_out_ads", "opt_out_profiling", "admt_opt_out"}),
        (ClockClass.CONSENT, {"withdraw_consent"}),
        (ClockClass.APPEAL, {"appeal"}),
        (ClockClass.HOUSE, {"opt_in", "switch_purpose", "status", "other"}),
    ],
)
def test_each_kind_of_right_has_its_clock(clock, rights):
    assert {right for right, facts in RIGHTS.items() if facts.clock == clock} == rights
