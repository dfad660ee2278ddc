"""For whom somebody asks, and what proof of that may be asked for."""

from __future__ import annotations

import pytest

from voiceline.rules.rights import Right
from voiceline.rules.standings import STANDINGS, Proof, Standing


@pytest.mark.parametrize("standing", Standing)
def test_every_standing_is_named_in_both_languages(standing):
    facts = STANDINGS[standing]

    assert facts.english
    assert facts.spanish
    assert facts.citation or standing == Standing.ESTATE


def test_a_power_of_attorney_is_enough_by_itself():
    agent, attorney = STANDINGS[Standing.AGENT], STANDINGS[Standing.ATTORNEY]

    assert (agent.proof, agent.may_verify_consumer) == (Proof.SIGNED_PERMISSION, True)
    assert (attorney.proof, attorney.may_verify_consumer) == (Proof.POWER_OF_ATTORNEY, False)


def test_a_household_has_no_right_to_know_delete_or_correct():
    excluded = STANDINGS[Standing.HOUSEHOLD].not_applicable

    assert {Right.KNOW_SPECIFIC, Right.DELETE, Right.CORRECT} <= excluded
    assert not {Right.OPT_OUT, Right.LIMIT} & excluded


def test_where_a_child_is_concerned_somebody_trained_listens():
    trained = {standing for standing, facts in STANDINGS.items() if facts.needs_trained_person}

    assert trained == {Standing.PARENT, Standing.MINOR}
