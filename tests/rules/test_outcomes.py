"""What a request is, for any rights it may hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceline.rules.lifecycle import MOVES, RequestStatus, RightStatus, may_move
from voiceline.rules.outcomes import CLOSED, DUE, status_of

S, R = RightStatus, RequestStatus
RIGHTS = st.lists(st.sampled_from([status for status in S if status is not S.STRUCK]), max_size=5)


@pytest.mark.parametrize(
    ("rights", "status"),
    [
        ([], R.RECEIVED),
        ([S.OPEN], R.RECEIVED),
        ([S.DEFERRED, S.COMPLETED], R.RECEIVED),
        ([S.DENIED, S.APPEALED, S.OPEN], R.APPEALED),
        ([S.COMPLETED, S.COMPLETED], R.COMPLETED),
        ([S.COMPLETED, S.WITHDRAWN], R.COMPLETED),
        ([S.COMPLETED, S.DENIED], R.PARTLY),
        ([S.COMPLETED, S.REDIRECTED], R.PARTLY),
        ([S.PARTLY], R.PARTLY),
        ([S.DENIED, S.REDIRECTED], R.DENIED),
        ([S.REDIRECTED, S.WITHDRAWN], R.REDIRECTED),
        ([S.WITHDRAWN], R.WITHDRAWN),
    ],
)
def test_a_request_is_what_its_rights_make_it(rights, status):
    assert status_of(rights, acknowledged=False) == status


@given(rights=RIGHTS, acknowledged=st.booleans())
def test_a_request_is_closed_when_nothing_is_due(rights, acknowledged):
    status = status_of(rights, acknowledged=acknowledged)

    assert (status in CLOSED) == (bool(rights) and not DUE & set(rights))
    assert status == status_of(rights[::-1], acknowledged=acknowledged)


@given(rights=RIGHTS.filter(bool), acknowledged=st.booleans(), data=st.data())
def test_every_move_of_a_right_is_a_move_of_its_request(rights, acknowledged, data):
    place = data.draw(st.integers(0, len(rights) - 1))
    new = data.draw(st.sampled_from(sorted(MOVES[S][rights[place]])))
    moved = [*rights[:place], *([] if new is S.STRUCK else [new]), *rights[place + 1 :]]
    before = status_of(rights, acknowledged=acknowledged)

    after = status_of(moved, acknowledged=acknowledged)

    assert after == before or may_move(before, after)
