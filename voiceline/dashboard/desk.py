"""All steps of casework: each with its form, which can be taken now, and the words for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from voiceline.dashboard import (
    answers,
    appeals,
    assigning,
    contact,
    handing_back,
    history,
    identity,
    letters,
    naming,
    owed,
    timing,
    whys,
)
from voiceline.dashboard.badges import right_badge
from voiceline.dashboard.context import now, user
from voiceline.dashboard.steps import Step, add_step
from voiceline.dashboard.wording import MEANS
from voiceline.desk import UNDO_WITHIN, undo
from voiceline.models import EventKind
from voiceline.rules.denials import DENIALS
from voiceline.rules.residences import RESIDENCES
from voiceline.rules.standings import STANDINGS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from flask.sansio.blueprints import BlueprintSetupState

    from voiceline.casework import HistoryLine
    from voiceline.dashboard.steps import Sitting
    from voiceline.models import PrivacyRequest, RequestedRight

blueprint = Blueprint(
    "desk", __name__, url_prefix="/businesses/<uuid:business_id>/requests/<uuid:request_id>"
)


def nothing_to_undo(request: PrivacyRequest, _right: RequestedRight | None) -> str | None:
    """Say so where no colleague has changed anything."""
    return None if request.last_change_id else "There is nothing to undo."


def take_back(sitting: Sitting) -> None:
    """Take back the newest change."""
    sitting.take(undo)


FINAL = frozenset({EventKind.UNDONE, EventKind.CONTACT_SET})
"""Changes that cannot be undone: they are made anew."""

UNDO = Step(
    "undo",
    "Undo",
    "Your newest change of this request is taken back. Both stay in the history.",
    take_back,
    of_right=False,
    barrier=nothing_to_undo,
)

STEPS = {
    step.name: step
    for step in (
        *timing.STEPS,
        *identity.STEPS,
        *naming.STEPS,
        *contact.STEPS,
        *assigning.STEPS,
        *handing_back.STEPS,
        *answers.STEPS,
        *appeals.STEPS,
        UNDO,
    )
}
for each in STEPS.values():
    add_step(blueprint, each)

ANSWERS = ("complete", "complete_in_part", "deny", "redirect", "decide_appeal", "resume")
"""What can be done with a right: to answer it,"""
OTHERS = (
    *("extend", "defer", "appeal", "withdraw_appeal", "reopen"),
    *("withdraw", "correct_right", "strike_right"),
)
"""and what else can come of it."""


def menu_of(request: PrivacyRequest, right: RequestedRight, names: Sequence[str]) -> list[Step]:
    """Answer which of the steps can be taken with the right now, in that order."""
    return [STEPS[name] for name in names if STEPS[name].barrier(request, right) is None]


def newest_change(request: PrivacyRequest, history: Sequence[HistoryLine]) -> HistoryLine | None:
    """Answer what who is signed in did last and may still undo; None where there is none."""
    for line in history:
        if line.id == request.last_change_id and line.id is not None:
            mine = line.by_id == user().id and line.kind not in FINAL
            return line if mine and now() <= undo_until(line) else None
    return None


def undo_until(line: HistoryLine) -> datetime:
    """Answer until when the change can be undone."""
    return line.at + UNDO_WITHIN


def way_to(task: owed.Owed, request: PrivacyRequest) -> str:
    """Answer where what is owed is done: at a step's form, or where its letter is written."""
    if task.letter:
        return letters.letter_url(task.letter, request)
    return STEPS[task.step].url(request, task.right)


WORDS = {
    "ANSWERS": ANSWERS,
    "APPEALS": appeals.ENDINGS,
    "DENIALS": DENIALS,
    "LEVELS": identity.LEVELS,
    "MEANS": MEANS,
    "OTHERS": OTHERS,
    "RESIDENCES": RESIDENCES,
    "SOURCES_OF_RIGHTS": naming.SOURCES_OF_RIGHTS,
    "STANDINGS": STANDINGS,
    "STEPS": STEPS,
    "badge_of": owed.badge_of,
    "explained": whys.explained,
    "letter_url": letters.letter_url,
    "menu_of": menu_of,
    "right_badge": right_badge,
    "undo_until": undo_until,
    "way_to": way_to,
}
"""What the templates of a request's page know by name."""


@blueprint.record
def teach(state: BlueprintSetupState) -> None:
    """Teach the templates these words."""
    state.app.jinja_env.globals.update(WORDS)
    state.app.jinja_env.filters.update(
        happened=history.happened, details=history.details, handed_over=history.handed_over
    )
