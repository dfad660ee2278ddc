"""The table of moves: every pair of every kind, against a picture drawn by hand."""

from __future__ import annotations

from enum import StrEnum
from itertools import product

import pytest

from voiceline.errors import IllegalMoveError
from voiceline.rules.lifecycle import (
    MOVES,
    AppealStatus,
    BusinessStatus,
    DeliveryStatus,
    DerivedStatus,
    RequestStatus,
    RightStatus,
    TranscriptStatus,
    VoicemailStatus,
    check_move,
    may_move,
)

ALLOWED = {
    RequestStatus: """
        received acknowledged, received appealed, received completed, received partly,
        received denied, received redirected, received withdrawn,
        acknowledged appealed, acknowledged completed, acknowledged partly, acknowledged denied,
        acknowledged redirected, acknowledged withdrawn,
        appealed received, appealed acknowledged, appealed partly, appealed denied,
        appealed redirected,
        completed received, completed acknowledged,
        partly received, partly acknowledged, partly appealed,
        denied received, denied acknowledged, denied appealed,
        redirected received, redirected acknowledged, redirected appealed,
        withdrawn received, withdrawn acknowledged""",
    RightStatus: """
        open deferred, open completed, open partly, open denied, open redirected, open withdrawn,
        open struck,
        deferred open, deferred completed, deferred partly, deferred denied, deferred redirected,
        deferred withdrawn,
        completed open, partly open, partly appealed, denied open, denied appealed,
        redirected open, redirected appealed,
        appealed open, appealed partly, appealed denied, appealed redirected,
        withdrawn open, struck open""",
    AppealStatus: "open upheld, open reversed, open withdrawn, open struck",
    VoicemailStatus: """
        pending stored, pending failed, pending absent, pending replaced,
        stored replaced, stored erased, stored expired, failed pending, failed replaced,
        absent pending, replaced erased, replaced pending""",
    TranscriptStatus: """
        pending completed, pending failed, pending skipped, failed pending""",
    DerivedStatus: """
        pending made, pending failed, pending leaving, made leaving, made pending, failed pending,
        failed leaving""",
    DeliveryStatus: "pending done, pending failed, failed pending",
    BusinessStatus: "active suspended, active closed, suspended active, suspended closed",
}
FINAL = {
    *(AppealStatus.UPHELD, AppealStatus.REVERSED, AppealStatus.WITHDRAWN, AppealStatus.STRUCK),
    *(VoicemailStatus.ERASED, VoicemailStatus.EXPIRED),
    *(TranscriptStatus.COMPLETED, TranscriptStatus.SKIPPED),
    *(DerivedStatus.LEAVING, DeliveryStatus.DONE, BusinessStatus.CLOSED),
}
EVERY_PAIR = [pair for kind in MOVES for pair in product(kind, kind)]
EVERY_STATE = [state for kind in MOVES for state in kind]


def test_every_kind_of_thing_is_drawn_here():
    assert set(ALLOWED) == set(MOVES)


@pytest.mark.parametrize(("old", "new"), EVERY_PAIR, ids=lambda state: f"{state}")
def test_a_move_is_allowed_as_it_is_drawn(old, new):
    drawn = {tuple(move.split()) for move in ALLOWED[type(old)].split(",")}

    assert may_move(old, new) == ((old.value, new.value) in drawn)


@pytest.mark.parametrize(("old", "new"), EVERY_PAIR, ids=lambda state: f"{state}")
def test_a_move_that_is_not_allowed_is_refused(old, new):
    if may_move(old, new):
        check_move(old, new)
        return

    with pytest.raises(IllegalMoveError) as refused:
        check_move(old, new)

    assert (refused.value.old, refused.value.new) == (old, new)


@pytest.mark.parametrize("old", EVERY_STATE, ids=lambda state: f"{type(state).__name__}-{state}")
def test_no_state_moves_to_another_kind(old):
    others = [new for new in EVERY_STATE if type(new) is not type(old)]

    assert not [new for new in others if may_move(old, new)]


@pytest.mark.parametrize("old", EVERY_STATE, ids=lambda state: f"{type(state).__name__}-{state}")
def test_only_final_states_lead_nowhere(old):
    leads = any(may_move(old, new) for new in type(old))

    final = any(old is state for state in FINAL)
    assert leads != final


@pytest.mark.parametrize("kind", MOVES, ids=lambda kind: kind.__name__)
def test_every_state_can_be_reached(kind):
    first, reached = next(iter(kind)), set()
    waiting = [first]
    while waiting:
        state = waiting.pop()
        reached.add(state)
        waiting += MOVES[kind][state] - reached

    assert reached == set(kind)
    assert issubclass(kind, StrEnum)
