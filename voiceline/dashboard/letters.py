"""Letters to a consumer: drafted, shown as they would go out, sent, and read again as they went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from voiceline.casework import find_request, note_opened
from voiceline.dashboard.context import business, now, transaction, user
from voiceline.dashboard.fields import date_of, one_of, seen_version, text_of
from voiceline.dashboard.granted import grant
from voiceline.dashboard.wording import local_date
from voiceline.desk import LONGEST_FREE, Clerk, Dispatch, send_letter
from voiceline.errors import MoveError, NotFoundError, OvertakenError, UserError
from voiceline.letters import Draft, appeals_of, compose, find_letter, letters_of, offers
from voiceline.letters.wording import LANGUAGES
from voiceline.rules.letters import Way

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from voiceline.dashboard.fields import Typed
    from voiceline.letters import Offer
    from voiceline.models import Appeal, PrivacyRequest

blueprint = Blueprint(
    "letters",
    __name__,
    url_prefix="/businesses/<uuid:business_id>/requests/<uuid:request_id>/letters",
)

LONGEST_CONTACT = 200
GONE = "This letter cannot be written any more: the request has changed. Look at it again."


@dataclass(frozen=True)
class Desk:
    """What a letter is written at: the request, what is offered, and what was typed."""

    request: PrivacyRequest
    offer: Offer | None
    typed: Typed

    def draft(self) -> Draft | None:
        """Answer the letter's draft, or None where it cannot be written any more."""
        if self.offer is None:
            return None
        return Draft(
            kind=self.offer.kind,
            request=self.request,
            language=_language(self.request, self.typed),
            contact=_contact(self.typed),
            today=local_date(now(), business().time_zone),
            right=self.offer.right,
            appeal=self.offer.appeal,
            free=_free(self.typed),
        )


def parts_of(
    session: Session, found: PrivacyRequest, appeals: Sequence[Appeal] | None = None
) -> dict[str, Any]:
    """Answer what the request's page shows of letters; `appeals` where they are known already."""
    letters = letters_of(session, found)
    known = appeals_of(session, found) if appeals is None else appeals
    return {"letters": letters, "letter_offers": offers(found, letters, known)}


def letter_url(offer: Offer, found: PrivacyRequest) -> str:
    """Answer where the letter is written."""
    return url_for(
        "letters.show_form",
        business_id=found.business_id,
        request_id=found.id,
        kind=offer.kind,
        right=offer.right.id if offer.right else None,
        appeal=offer.appeal.id if offer.appeal else None,
    )


@blueprint.get("/write")
def show_form(business_id: UUID, request_id: UUID) -> ResponseReturnValue:
    """Show the letter as it would go out, with what can be changed in it."""
    if "kind" not in request.args:
        return _to_request(business_id, request_id)
    with transaction() as session:
        desk = _sit(session, business_id, request_id, request.args)
        if desk.offer is None:
            raise NotFoundError("no such letter")
        if request.method != "HEAD":
            note_opened(session, desk.request, user(), now())
        return _page(desk)


@blueprint.post("/write")
def submit_form(business_id: UUID, request_id: UUID) -> ResponseReturnValue:
    """Show the letter again with what was typed, or send the one that was shown."""
    try:
        with transaction() as session:
            desk = _sit(session, business_id, request_id, request.form)
            if request.form.get("do") != "send":
                return _page(desk)
            _send(session, desk)
    except NotFoundError:
        raise
    except UserError as error:
        problem = error
    else:
        return _to_request(business_id, request_id)
    with transaction() as session:
        desk = _sit(session, business_id, request_id, request.form)
        return _page(desk, problem), 409 if isinstance(problem, OvertakenError) else 400


@blueprint.get("/<uuid:letter_id>")
def show_letter(business_id: UUID, request_id: UUID, letter_id: UUID) -> ResponseReturnValue:
    """Show a letter as it was sent, to read or to print."""
    with transaction() as session:
        found = find_request(session, business_id, request_id)
        letter = find_letter(session, found, letter_id)
        if request.method != "HEAD":
            note_opened(session, found, user(), now(), grant())
    return render_template("letter.html", request_shown=found, letter=letter)


def _to_request(business_id: UUID, request_id: UUID) -> ResponseReturnValue:
    """Go back to where the letters of a request are."""
    with transaction() as session:
        find_request(session, business_id, request_id)
    page = url_for("requests.show_request", business_id=business_id, request_id=request_id)
    return redirect(f"{page}#letters", code=303)


def _sit(session: Session, business_id: UUID, request_id: UUID, typed: Typed) -> Desk:
    found = find_request(session, business_id, request_id)
    about = (typed.get("kind"), typed.get("right") or None, typed.get("appeal") or None)
    offered = offers(found, letters_of(session, found), appeals_of(session, found))
    return Desk(found, next((each for each in offered if _key(each) == about), None), typed)


def _key(offer: Offer) -> tuple[str | None, str | None, str | None]:
    """Name the offer as its form does."""
    return (
        offer.kind,
        str(offer.right.id) if offer.right else None,
        str(offer.appeal.id) if offer.appeal else None,
    )


def _send(session: Session, desk: Desk) -> None:
    clerk = Clerk(user(), now(), seen_version(desk.typed))
    draft = desk.draft()
    if draft is None:
        raise MoveError(GONE)
    way = one_of(desk.typed, "way", Way, "how it is sent")
    day = None if way == Way.EMAIL else date_of(desk.typed, "sent_on")
    dispatch = Dispatch(way, text_of(desk.typed, "seen"), day)
    send_letter(session, desk.request, clerk, draft, dispatch)


def _page(desk: Desk, problem: UserError | None = None) -> str:
    """Render the form; what was typed wrong is named, and the letter is shown without it."""
    typed, shown = desk.typed, None
    try:
        draft = desk.draft()
    except UserError as error:
        problem = problem or error
        plain = MultiDict({"language": typed.get("language", "")})
        draft = Desk(desk.request, desk.offer, plain).draft()
    if draft is not None:
        shown = compose(draft)
    requester = desk.request.requester
    return render_template(
        "letter_write.html",
        request_shown=desk.request,
        offer=desk.offer,
        draft=draft,
        shown=shown,
        typed=typed,
        problem=problem or (None if draft else GONE),
        address=requester.email if requester else None,
        today=local_date(now(), business().time_zone),
        longest=LONGEST_FREE,
    )


def _language(found: PrivacyRequest, typed: Typed) -> str:
    wanted = text_of(typed, "language") or found.language
    return wanted if wanted in LANGUAGES else LANGUAGES[0]


def _contact(typed: Typed) -> str:
    """Answer where the consumer can answer, on one line; the business's address unless typed."""
    wanted = " ".join(text_of(typed, "contact").split())
    if len(wanted) > LONGEST_CONTACT:
        raise UserError(f"Where to answer has at most {LONGEST_CONTACT} characters.")
    return wanted or business().notify_address or user().email


def _free(typed: Typed) -> str:
    words = text_of(typed, "free").replace("\r\n", "\n")
    if len(words) > LONGEST_FREE:
        raise UserError(f"Your own paragraph has at most {LONGEST_FREE} characters.")
    return words
