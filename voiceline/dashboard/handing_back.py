"""What the operator handed over and is not ours goes back: a form with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voiceline.dashboard.fields import text_of
from voiceline.dashboard.steps import Step
from voiceline.handing_over import hand_back, was_handed_over

if TYPE_CHECKING:
    from voiceline.dashboard.steps import Sitting

OURS = "Nobody handed it over: its caller reached you by your own code."


def give_back(sitting: Sitting) -> None:
    """Give the request back to the operator."""
    sitting.take(hand_back, because=text_of(sitting.typed, "because"))


def whose(sitting: Sitting) -> dict[str, Any]:
    """Keep from it whoever was reached by their own code."""
    return {} if was_handed_over(sitting.session, sitting.request) else {"barrier": OURS}


STEPS = (
    Step(
        "hand_back",
        "Hand it back",
        "Its caller keyed no code, and the operator took you for the business they meant. If you "
        "are not, hand it back: the operator looks for the right one. The message, its drafts and "
        "your notes go with it, and nobody here reaches them any more. The clock runs on: do it "
        "soon.",
        give_back,
        of_right=False,
        facts=whose,
        leaves=True,
    ),
)
