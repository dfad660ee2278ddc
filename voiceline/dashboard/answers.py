"""The forms of an answer to a right: done, done in part, refused, redirected, put off, dropped."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from voiceline import desk
from voiceline.dashboard.fields import all_of, text_of
from voiceline.dashboard.steps import Step
from voiceline.errors import IdentityError
from voiceline.rules.allowed import sentence
from voiceline.rules.denials import DENIALS, Code, Reason, citation_of, codes_for, taken_for
from voiceline.rules.identity import check_proven
from voiceline.rules.lifecycle import RightStatus, may_move
from voiceline.rules.outcomes import ANSWERED

if TYPE_CHECKING:
    from voiceline.dashboard.fields import Typed
    from voiceline.dashboard.steps import Sitting
    from voiceline.models import PrivacyRequest, RequestedRight


@dataclass(frozen=True)
class Choice:
    """One reason on a form."""

    english: str
    citation: str
    explain: bool
    """Whether the facts of the case must be told."""
    barrier: str | None
    """Why it does not hold yet, and what is to be done first."""
    remedy: str | None
    """The step that does that."""


_REMEDIES = {Code.UNVERIFIED: "verify", Code.HOUSEHOLD: "set_standing"}

UNNAMED = "Nobody has named this right yet: listen to the message, and name it first."


def cannot_become(new: RightStatus, _request: PrivacyRequest, right: RequestedRight) -> str | None:
    """Say why the right cannot be answered so, if the table of moves forbids it."""
    if right.status == RightStatus.APPEALED or not may_move(right.status, new):
        return sentence(right.status, new)
    return None


def cannot_be_answered(
    new: RightStatus, request: PrivacyRequest, right: RequestedRight
) -> str | None:
    """Say the same, and that what has no name has no answer."""
    unnamed = UNNAMED if right.right is None else None
    return cannot_become(new, request, right) or unnamed


def cannot_be_resumed(_request: PrivacyRequest, right: RequestedRight) -> str | None:
    """Say so of what waits for nothing."""
    return None if right.status == RightStatus.DEFERRED else "It does not wait for anything."


def cannot_be_reopened(_request: PrivacyRequest, right: RequestedRight) -> str | None:
    """Say why, where it is neither answered nor withdrawn."""
    if right.status in ANSWERED | {RightStatus.WITHDRAWN}:
        return None
    return sentence(right.status, "reopened")


def nothing_is_open(request: PrivacyRequest, _right: RequestedRight | None) -> str | None:
    """Say so where nothing is left to withdraw."""
    return None if request.open_rights else "Everything is answered: nothing is left to withdraw."


def what_to_prove(sitting: Sitting) -> dict[str, Any]:
    """Show that somebody must be verified first, where the law wants that."""
    level, methods = desk.proven(sitting.session, sitting.request)
    try:
        check_proven(sitting.right.right, sitting.request.standing, level, methods)
    except IdentityError as error:
        return {"barrier": str(error), "must_verify": True}
    return {}


def what_may_be_refused(sitting: Sitting) -> dict[str, Any]:
    """Show the reasons that hold for the right, each as the law of the residence has it."""
    right, law = sitting.right.right, sitting.request.jurisdiction
    codes = codes_for(right, granted=sitting.right.is_granted, law=law)
    missing = desk.missing_grounds(sitting.session, sitting.request, sitting.right)
    return {
        "reasons": {code: _choice(code, law, missing.get(code)) for code in codes},
        "if_unverified": taken_for(right, {Code.UNVERIFIED}, law),
    }


def _choice(code: Code, law: str, barrier: str | None) -> Choice:
    facts = DENIALS[code]
    remedy = _REMEDIES.get(code) if barrier else None
    return Choice(facts.english, citation_of(code, law), facts.explain, barrier, remedy)


def what_a_part_needs(sitting: Sitting) -> dict[str, Any]:
    """Show both: what is done needs proof, what is not done a reason."""
    return what_may_be_refused(sitting) | what_to_prove(sitting)


def complete(sitting: Sitting) -> None:
    """Note that all is done."""
    sitting.take(desk.complete, sitting.right, done=text_of(sitting.typed, "done"))


def complete_in_part(sitting: Sitting) -> None:
    """Note what is done, what is not, and why not."""
    done, not_done = text_of(sitting.typed, "done"), text_of(sitting.typed, "not_done")
    reasons = read_reasons(sitting.typed)
    sitting.take(
        desk.complete_in_part, sitting.right, done=done, not_done=not_done, reasons=reasons
    )


def deny(sitting: Sitting) -> None:
    """Refuse the right."""
    sitting.take(desk.deny, sitting.right, reasons=read_reasons(sitting.typed))


def redirect(sitting: Sitting) -> None:
    """Note whom the consumer was told to ask."""
    sitting.take(desk.redirect, sitting.right, controller=text_of(sitting.typed, "controller"))


def defer(sitting: Sitting) -> None:
    """Note what it waits for."""
    sitting.take(desk.defer, sitting.right, because=text_of(sitting.typed, "because"))


def resume(sitting: Sitting) -> None:
    """Note that it waits no longer."""
    sitting.take(desk.resume, sitting.right)


def withdraw(sitting: Sitting) -> None:
    """Note that the consumer no longer asks for it."""
    sitting.take(desk.withdraw, sitting.subject)


def reopen(sitting: Sitting) -> None:
    """Take up again what was answered."""
    sitting.take(desk.reopen, sitting.right, because=text_of(sitting.typed, "because"))


def read_reasons(typed: Typed) -> list[Reason]:
    """Answer the reasons that were ticked, in the table's order, each with its explanation."""
    codes = all_of(typed, "code", Code, "the reasons")
    return [Reason(code, text_of(typed, f"why_{code}")) for code in Code if code in codes]


STEPS = (
    Step(
        "complete",
        "Complete",
        "All that was asked for is done. What you write here is what the answer says was done.",
        complete,
        barrier=partial(cannot_be_answered, RightStatus.COMPLETED),
        facts=what_to_prove,
    ),
    Step(
        "complete_in_part",
        "Complete in part",
        "Some of it is done, and some is not. The answer says both, and why not.",
        complete_in_part,
        barrier=partial(cannot_be_answered, RightStatus.PARTLY),
        facts=what_a_part_needs,
    ),
    Step(
        "deny",
        "Deny",
        "Nothing of it is done. A refusal needs a reason that the law gives for this right.",
        deny,
        barrier=partial(cannot_be_answered, RightStatus.DENIED),
        facts=what_may_be_refused,
    ),
    Step(
        "redirect",
        "Redirect",
        "You hold the data for another company, the controller. The consumer was told to ask it "
        "(Cal. Civ. Code 1798.130(a)(3)(A)).",
        redirect,
        barrier=partial(cannot_become, RightStatus.REDIRECTED),
    ),
    Step(
        "defer",
        "Defer",
        "It waits for an outstanding balance. The clock runs on: the date stays what it is.",
        defer,
        barrier=partial(cannot_become, RightStatus.DEFERRED),
    ),
    Step(
        "resume",
        "Resume",
        "What it waited for is settled. It is open again, and due when it was.",
        resume,
        barrier=cannot_be_resumed,
    ),
    Step(
        "withdraw",
        "Withdraw",
        "The consumer told you that they no longer ask for this. Nothing is owed for it then.",
        withdraw,
        barrier=partial(cannot_become, RightStatus.WITHDRAWN),
    ),
    Step(
        "withdraw_all",
        "Withdraw the request",
        "The consumer told you that they no longer ask for anything that is open here.",
        withdraw,
        of_right=False,
        barrier=nothing_is_open,
    ),
    Step(
        "reopen",
        "Reopen",
        "The answer is void, and stays in the history. The dates are what they were, even past.",
        reopen,
        barrier=cannot_be_reopened,
    ),
)
