"""What a consumer can ask for, and the keys that ask for it."""

from __future__ import annotations

from voiceline.rules.rights import KEYS, LABELS, WITHOUT_VERIFICATION, Right


def test_every_right_has_a_name_people_understand():
    assert LABELS.keys() == set(Right)
    assert len(set(LABELS.values())) == len(Right)


def test_the_keys_ask_for_what_the_menu_says():
    assert KEYS == {
        "1": Right.OPT_OUT,
        "2": Right.KNOW_CATEGORIES,
        "3": Right.DELETE,
        "4": Right.CORRECT,
    }


def test_only_opting_out_and_limiting_need_no_proof():
    assert {Right.OPT_OUT, Right.LIMIT} == WITHOUT_VERIFICATION
