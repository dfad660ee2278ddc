"""What evidence is worth, and which rights may ask for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceline.errors import IdentityError
from voiceline.rules.identity import (
    LEVELS,
    DataPoint,
    Evidence,
    Level,
    Method,
    check_may_ask,
    check_proven,
    level_of,
)
from voiceline.rules.rights import WITHOUT_VERIFICATION, Right

P, M = DataPoint, Method
POINTS = st.frozensets(st.sampled_from(P))


@pytest.mark.parametrize(
    ("evidence", "level"),
    [
        (Evidence(M.MATCHED), Level.NONE),
        (Evidence(M.MATCHED, frozenset({P.EMAIL})), Level.NONE),
        (Evidence(M.MATCHED, frozenset({P.EMAIL, P.CALLER_ID})), Level.REASONABLE),
        (Evidence(M.MATCHED, frozenset({P.EMAIL, P.NAME, P.PHONE})), Level.REASONABLE),
        (Evidence(M.MATCHED, frozenset({P.EMAIL, P.NAME, P.PHONE}), declared=True), Level.HIGH),
        (Evidence(M.MATCHED, frozenset({P.EMAIL, P.NAME}), declared=True), Level.REASONABLE),
        (Evidence(M.MATCHED, frozenset({P.EMAIL, P.NAME}), disputed=P.NAME), Level.NONE),
        (Evidence(M.EMAIL_LINK), Level.NONE),
        (Evidence(M.EMAIL_LINK, frozenset({P.ORDER_NUMBER})), Level.REASONABLE),
        (Evidence(M.ACCOUNT), Level.HIGH),
        (Evidence(M.POWER_OF_ATTORNEY), Level.HIGH),
        (Evidence(M.SIGNED_PERMISSION), Level.NONE),
    ],
)
def test_evidence_is_worth_what_the_law_says(evidence, level):
    assert level_of(evidence) == level


@given(points=POINTS, more=POINTS, declared=st.booleans())
def test_more_data_points_never_prove_less(points, more, declared):
    less, all_ = (
        level_of(Evidence(M.MATCHED, each, declared=declared)) for each in (points, points | more)
    )

    assert LEVELS.index(less) <= LEVELS.index(all_)


@pytest.mark.parametrize("right", sorted(WITHOUT_VERIFICATION))
def test_no_identity_is_asked_for_what_the_law_excepts(right):
    with pytest.raises(IdentityError, match=r"no identity may be asked for"):
        check_may_ask([right], M.MATCHED)


def test_the_refusal_names_the_law():
    with pytest.raises(IdentityError, match=r"^Opt out of sale or sharing: .*11 CCR 7026"):
        check_may_ask([Right.OPT_OUT], M.MATCHED)


def test_every_level_above_what_is_needed_is_enough():
    check_proven(Right.DELETE, None, Level.HIGH, frozenset({M.ACCOUNT}))
    check_proven(Right.OPT_OUT, None, Level.NONE, frozenset())

    with pytest.raises(IdentityError):
        check_proven(Right.KNOW_SPECIFIC, None, Level.REASONABLE, frozenset({M.MATCHED}))


def test_parenthood_is_looked_at_for_opting_in_and_for_no_opt_out():
    check_may_ask([Right.OPT_IN], M.PARENTHOOD)

    with pytest.raises(IdentityError):
        check_may_ask([Right.OPT_OUT], M.PARENTHOOD)
    with pytest.raises(IdentityError):
        check_may_ask([Right.OPT_IN], M.MATCHED)
