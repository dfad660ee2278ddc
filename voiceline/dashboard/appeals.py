"""The forms of appeals: one came, is decided, or is withdrawn."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from voiceline import desk
from voiceline.dashboard.answers import cannot_become
from voiceline.dashboard.fields import date_of, one_of, text_of
from voiceline.dashboard.steps import Step
from voiceline.rules.lifecycle import AppealStatus, RightStatus

if TYPE_CHECKING:
    from voiceline.dashboard.steps import Sitting
    from voiceline.models import PrivacyRequest, RequestedRight

ENDINGS = {
    AppealStatus.UPHELD: "the answer stands",
    AppealStatus.REVERSED: "the right was opened again",
    AppealStatus.WITHDRAWN: "withdrawn by the consumer",
}


class Decision(StrEnum):
    """What becomes of the answer."""

    STANDS = "stands"
    REOPENED = "reopened"


def nobody_appeals(_request: PrivacyRequest, right: RequestedRight) -> str | None:
    """Say so of a right that is not under appeal."""
    return None if right.status == RightStatus.APPEALED else "There is no appeal to decide."


def appeal(sitting: Sitting) -> None:
    """Note that an appeal came."""
    day = date_of(sitting.typed, "received_on")
    sitting.take(desk.appeal, sitting.right, received_on=day)


def decide_appeal(sitting: Sitting) -> None:
    """Note the decision, and why."""
    decision = one_of(sitting.typed, "decision", Decision, "what was decided")
    because = text_of(sitting.typed, "because")
    stands = decision is Decision.STANDS
    sitting.take(desk.decide_appeal, sitting.right, stands=stands, because=because)


def withdraw_appeal(sitting: Sitting) -> None:
    """Note that the consumer no longer appeals."""
    sitting.take(desk.withdraw_appeal, sitting.right)


STEPS = (
    Step(
        "appeal",
        "Note an appeal",
        "The consumer does not accept the answer. The decision has a clock of its own, from the "
        "day the appeal came.",
        appeal,
        barrier=partial(cannot_become, RightStatus.APPEALED),
    ),
    Step(
        "decide_appeal",
        "Decide the appeal",
        "The consumer is told what was decided, and why.",
        decide_appeal,
        barrier=nobody_appeals,
    ),
    Step(
        "withdraw_appeal",
        "Withdraw the appeal",
        "The consumer no longer appeals: the answer stands as it was given.",
        withdraw_appeal,
        barrier=nobody_appeals,
    ),
)
