"""The forms of who asks for what: name a right, strike one out, set residence and standing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voiceline import desk
from voiceline.dashboard.answers import cannot_become
from voiceline.dashboard.fields import one_of, text_of
from voiceline.dashboard.steps import Step
from voiceline.errors import UserError
from voiceline.models import ResidenceSource
from voiceline.rules.lifecycle import RightStatus
from voiceline.rules.residences import RESIDENCES
from voiceline.rules.rights import RIGHTS, Right, RightSource
from voiceline.rules.standings import STANDINGS, Standing

if TYPE_CHECKING:
    from voiceline.dashboard.steps import Sitting
    from voiceline.models import PrivacyRequest, RequestedRight

NAMEABLE = tuple(right for right in Right if right not in {Right.APPEAL, Right.STATUS})
"""An appeal is noted with the answer it is against; a question for the status is no request."""

SOURCES = {
    ResidenceSource.TOLD: "They said so in the message or on the form",
    ResidenceSource.ASKED: "We asked them",
    ResidenceSource.RECORDS: "It is in our records",
}
SOURCES_OF_RIGHTS = {
    RightSource.KEYED: "keyed by the caller",
    RightSource.CHOSEN: "chosen by the consumer on the form",
    RightSource.CONFIRMED: "named by a colleague",
}
FACTS = {
    RightSource.KEYED: "The consumer keyed it: that is a fact. Answer it, or note that it was "
    "withdrawn; other rights can be named beside it.",
    RightSource.CHOSEN: "The consumer chose it on the form: that is a fact. Answer it, or note "
    "that it was withdrawn; other rights can be named beside it.",
}


def is_a_fact(request: PrivacyRequest, right: RequestedRight) -> str | None:
    """Say why the right was not named in error, or not any more."""
    fact = FACTS.get(right.source) if right.source else None
    return fact or cannot_become(RightStatus.STRUCK, request, right)


def cannot_be_struck(request: PrivacyRequest, right: RequestedRight) -> str | None:
    """Say the same, and that something must be asked for."""
    if request.asked_rights == [right]:
        return "Nothing else is asked for: name what is asked for in its place."
    return is_a_fact(request, right)


def rights_to_name(sitting: Sitting) -> dict[str, Any]:
    """Show what can be asked for and is not yet."""
    asked = {right.right for right in sitting.request.asked_rights}
    return {"choices": {right: RIGHTS[right] for right in NAMEABLE if right not in asked}}


def places(_sitting: Sitting) -> dict[str, Any]:
    """Show every place by its name."""
    return {"residences": RESIDENCES, "sources": SOURCES}


def standings(_sitting: Sitting) -> dict[str, Any]:
    """Show for whom something can be asked."""
    return {"standings": STANDINGS}


def name_right(sitting: Sitting) -> None:
    """Name a right, in place of the one that the form is about if there is one."""
    right = one_of(sitting.typed, "right", Right, "what is asked for")
    sitting.take(desk.name_right, right, instead_of=sitting.subject)


def strike_right(sitting: Sitting) -> None:
    """Strike out what was named in error."""
    sitting.take(desk.strike_right, sitting.right, because=text_of(sitting.typed, "because"))


def set_residence(sitting: Sitting) -> None:
    """Note where the consumer lives."""
    place = text_of(sitting.typed, "residence")
    if place not in RESIDENCES:
        raise UserError("Choose the place where the consumer lives from the list.")
    source = one_of(sitting.typed, "source", ResidenceSource, "how you know it")
    sitting.take(desk.set_residence, place, source=source)


def set_standing(sitting: Sitting) -> None:
    """Note for whom it is asked."""
    sitting.take(desk.set_standing, one_of(sitting.typed, "standing", Standing, "for whom"))


STEPS = (
    Step(
        "name_right",
        "Name a right",
        "Say what the message asks for. The clock of each right runs from the day of receipt, "
        "whenever it was named.",
        name_right,
        of_right=False,
        facts=rights_to_name,
    ),
    Step(
        "correct_right",
        "Correct the name",
        "This one was named in error, and another is meant. It is struck out, not deleted.",
        name_right,
        barrier=is_a_fact,
        facts=rights_to_name,
        button="Name it in its place",
    ),
    Step(
        "strike_right",
        "Strike out",
        "Nobody asked for this: it was named in error. It stays in the history.",
        strike_right,
        barrier=cannot_be_struck,
    ),
    Step(
        "set_residence",
        "Note where the consumer lives",
        "The law of that place gives the dates of what is open. A date the consumer was told "
        "already stands where it is the earlier.",
        set_residence,
        of_right=False,
        facts=places,
        button="Note it",
    ),
    Step(
        "set_standing",
        "Note for whom it is asked",
        "The dates stay as they are; what may be asked as proof does not.",
        set_standing,
        of_right=False,
        facts=standings,
        button="Note it",
    ),
)
