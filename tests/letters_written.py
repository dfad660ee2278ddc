"""A letter of every kind, each from a request that was worked by the verbs of the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desks import DAY, THREE_POINTS, TWO_POINTS
from sqlalchemy import select

from voiceline import desk as verbs
from voiceline.casework import find_request
from voiceline.desk import Dispatch
from voiceline.letters import Draft, appeals_of, compose
from voiceline.models import Delivery, ResidenceSource
from voiceline.rules.denials import Code, Reason
from voiceline.rules.letters import LetterKind, Way

if TYPE_CHECKING:
    from collections.abc import Callable

    from desks import Desk

    from voiceline.models import RequestEvent

CONTACT = "privacy@acme.example"
TAX = Reason(Code.TAX_DOCUMENTS, "Invoices of 2025 are kept for seven years.")


def draft(desk: Desk, kind: LetterKind, **facts: Any) -> Draft:
    """Bring the request to where a letter of that kind can be written, and write it."""
    OCCASIONS[kind](desk)
    return draft_now(desk, kind, **facts)


def draft_now(desk: Desk, kind: LetterKind, **facts: Any) -> Draft:
    """Answer the draft from the request as it is."""
    request = find_request(desk.session, desk.request.business_id, desk.request.id)
    whole = kind in {LetterKind.ACKNOWLEDGEMENT, LetterKind.IDENTITY_ASKED}
    appeals = appeals_of(desk.session, request)
    facts = {
        "language": "en",
        "contact": CONTACT,
        "today": desk.at.date(),
        "right": None if whole else desk.right(),
        "appeal": appeals[-1] if appeals else None,
    } | facts
    return Draft(kind=kind, request=request, **facts)


def tell(desk: Desk, kind: LetterKind, way: Way = Way.POST, **facts: Any) -> RequestEvent:
    """Send the letter of that kind about the request as it is."""
    written = draft_now(desk, kind)
    return desk.do(verbs.send_letter, written, Dispatch(way, compose(written).sha256, **facts))


def bounce(desk: Desk) -> None:
    """Let the newest e-mail come back, as the job notes it."""
    newest = select(Delivery).order_by(Delivery.created_at.desc()).limit(1)
    delivery = desk.session.scalars(newest).one()
    delivery.fail("refused with 550", desk.at)
    verbs.take_back(desk.session, delivery.letter, desk.at)


def _nothing(_desk: Desk) -> None:
    """Leave the request as it was filed."""


def _extend(desk: Desk) -> None:
    desk.do(verbs.extend, desk.right(), because="Three archives must be searched.")


def _complete(desk: Desk) -> None:
    desk.do(verbs.verify_identity, THREE_POINTS)
    desk.do(verbs.complete, desk.right(), done="Account and orders were deleted.")


def _complete_in_part(desk: Desk) -> None:
    desk.do(verbs.verify_identity, THREE_POINTS)
    desk.do(
        verbs.complete_in_part,
        desk.right(),
        done="The account was deleted.",
        not_done="The invoices stay.",
        reasons=[TAX],
    )


def _deny(desk: Desk) -> None:
    desk.do(verbs.set_residence, residence="US-VA", source=ResidenceSource.TOLD)
    desk.do(verbs.verify_identity, TWO_POINTS, passed=False)
    desk.do(verbs.deny, desk.right(), reasons=[TAX, Reason(Code.UNVERIFIED)])


def _redirect(desk: Desk) -> None:
    desk.do(verbs.redirect, desk.right(), controller="Optimer Inc., privacy@optimer.example")


def _defer(desk: Desk) -> None:
    desk.do(verbs.defer, desk.right(), because="An invoice of 20 dollars is open.")


def _appeal(desk: Desk) -> None:
    _deny(desk)
    desk.wait(DAY)
    desk.do(verbs.appeal, desk.right())


def _uphold(desk: Desk) -> None:
    _appeal(desk)
    desk.do(verbs.decide_appeal, desk.right(), stands=True, because="The law wants the invoices.")


def _reverse(desk: Desk) -> None:
    _appeal(desk)
    desk.do(verbs.decide_appeal, desk.right(), stands=False, because="The invoices are older.")


OCCASIONS: dict[LetterKind, Callable[[Desk], None]] = {
    LetterKind.ACKNOWLEDGEMENT: _nothing,
    LetterKind.IDENTITY_ASKED: _nothing,
    LetterKind.EXTENSION: _extend,
    LetterKind.COMPLETED: _complete,
    LetterKind.PARTLY: _complete_in_part,
    LetterKind.DENIED: _deny,
    LetterKind.REDIRECTED: _redirect,
    LetterKind.DEFERRED: _defer,
    LetterKind.APPEAL_UPHELD: _uphold,
    LetterKind.APPEAL_REVERSED: _reverse,
}
