"""Who works on a request: a form with the colleagues, and a button for oneself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from voiceline import desk
from voiceline.colleagues import colleagues_of
from voiceline.dashboard.fields import text_of
from voiceline.dashboard.steps import Step
from voiceline.errors import NotFoundError, UserError

if TYPE_CHECKING:
    from voiceline.dashboard.fields import Typed
    from voiceline.dashboard.steps import Sitting
    from voiceline.models import User

NOBODY = "nobody"


def read_colleague(typed: Typed, user: User) -> UUID | None:
    """Answer who was chosen, None for nobody."""
    written = text_of(typed, "to")
    if written == "me":
        return user.id
    try:
        return None if written == NOBODY else UUID(written)
    except ValueError:
        raise UserError("Choose a colleague from the list, or nobody.") from None


def assign(sitting: Sitting) -> None:
    """Give the request to who was chosen."""
    to = read_colleague(sitting.typed, sitting.clerk.user)
    try:
        sitting.take(desk.assign, to)
    except NotFoundError:
        raise UserError("That colleague does not work on requests here any more.") from None


def colleagues(sitting: Sitting) -> dict[str, Any]:
    """Show who can be chosen."""
    return {"colleagues": colleagues_of(sitting.session, sitting.request.business_id)}


STEPS = (
    Step(
        "assign",
        "Assign",
        "So that everybody sees who works on it. Whoever is chosen is told by e-mail, unless they "
        "do not want to be. Others can still do every step.",
        assign,
        of_right=False,
        facts=colleagues,
        button="Assign it",
    ),
)
