"""The table of moves: every pair of every kind, against a picture drawn by hand."""

from __future__ import annotations

from enum import StrEnum
from itertools import product

import pytest

from voiceline.errors import IllegalMoveError
from voiceline.rules.lifecycle import (
    MOVES,
    BusinessStatus,
    DeliveryStatus,
    RequestStatus,
    TranscriptStatus,
    VoicemailStatus,
    check_move,
    may_move,
)

ALLOWED = {
    RequestStatus: """
        received acknowledged, received completed, received denied, received withdrawn,
        acknowledged completed, acknowledged denied, acknowledged withdrawn""",
    VoicemailStatus: """
        pending stored, pending failed, pending absent, pending replaced,
        stored replaced, stored erased, stored expired, failed pending, failed replaced,
        absent pending, replaced erased, replaced pending""",
    TranscriptStatus: """
        pending completed, pending failed, pending skipped, failed pending""",
    DeliveryStatus: "pending done, pending failed, failed pending",
    BusinessStatus: "active suspended, active closed, suspended active, suspended closed",
}
FINAL = {
    *(RequestStatus.COMPLETED, RequestStatus.DENIED, RequestStatus.WITHDRAWN),
    *(VoicemailStatus.ERASED, VoicemailStatus.EXPIRED),
    *(TranscriptStatus.COMPLETED, TranscriptStatus.SKIPPED),
    *(DeliveryStatus.DONE, BusinessStatus.CLOSED),
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

    assert leads == (old not in FINAL)


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
