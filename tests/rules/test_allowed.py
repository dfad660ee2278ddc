from __future__ import annotations

import pytest

from voiceline.rules.allowed import STATES, allowed_now, sentence
from voiceline.rules.lifecycle import RightStatus


def test_an_open_right_can_be_answered_in_every_way():
    assert sentence(RightStatus.OPEN, RightStatus.APPEALED) == (
        "It cannot be appealed: it is open. It can be deferred, completed, completed in part, "
        "denied, redirected to the controller, withdrawn or struck out."
    )


def test_a_deferred_right_is_resumed_not_reopened():
    assert "resumed" in allowed_now(RightStatus.DEFERRED)
    assert "reopened" in allowed_now(RightStatus.DENIED)
    assert allowed_now(RightStatus.STRUCK) == ["named again"]


def test_another_wish_is_said_in_its_own_words():
    said = sentence(RightStatus.COMPLETED, "extended")

    assert said == "It cannot be extended: it is completed. It can be reopened."


@pytest.mark.parametrize("status", RightStatus)
def test_from_every_state_something_is_allowed(status):
    assert allowed_now(status)
    assert STATES[status] in sentence(status, "extended")
