"""Entering what came by mail, by e-mail or in person; what cannot be is said beside the field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from voiceline.dashboard.contact import CONTACT_READERS, LONGEST_ADDRESS, text_reader
from voiceline.dashboard.context import business, now, transaction, user
from voiceline.dashboard.fields import all_of, chosen, date_of, one_of, text_of
from voiceline.dashboard.wording import CHANNELS, LANGUAGES, local_date
from voiceline.entering import DOORS, NOT_BY_ITSELF, Entry, enter_request
from voiceline.errors import DateError, JurisdictionError, NotFoundError, UserError
from voiceline.models import Channel, ServiceCode
from voiceline.rules.residences import RESIDENCES
from voiceline.rules.rights import LABELS, Right
from voiceline.rules.standings import STANDINGS, Standing

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from voiceline.dashboard.fields import Typed

blueprint = Blueprint("entering", __name__, url_prefix="/businesses/<uuid:business_id>/requests")

LONGEST_DETAILS = 10_000
"""Characters of what they wrote."""

COMMON = (
    *(Right.DELETE, Right.KNOW_CATEGORIES, Right.KNOW_SPECIFIC, Right.CORRECT),
    *(Right.OPT_OUT, Right.LIMIT),
)
OTHERS = tuple(right for right in Right if right not in {*COMMON, *NOT_BY_ITSELF})
"""What is asked for less often, folded away."""


@blueprint.get("/new")
def show_form(business_id: UUID) -> ResponseReturnValue:
    """Show the empty form; it has a number of its own, so that sending it twice files once."""
    return _form(business_id, MultiDict({"form": str(uuid4()), "language": "en"}), {})


@blueprint.post("/new")
def submit_form(business_id: UUID) -> ResponseReturnValue:
    """File what was entered and show it; or show the form again, with what was typed."""
    typed = request.form
    read, problems = _read(typed)
    if problems:
        return _form(business_id, typed, problems), 400
    form, code_text = read.pop("form"), read.pop("code")
    try:
        with transaction() as session:
            code = _find_code(session, business_id, code_text)
            found = enter_request(session, code, Entry(**read), user(), form=form, at=now())
    except (DateError, JurisdictionError) as error:
        field = "received_on" if isinstance(error, DateError) else "residence"
        return _form(business_id, typed, {field: str(error)}), 400
    page = url_for("requests.show_request", business_id=business_id, request_id=found.id)
    return redirect(page, code=303)


def _form(business_id: UUID, typed: Typed, problems: dict[str, str]) -> str:
    with transaction() as session:
        codes = _codes(session, business_id)
    return render_template(
        "entering.html",
        typed=typed,
        problems=problems,
        codes=codes,
        doors={door.value: CHANNELS[door] for door in DOORS},
        common={right.value: LABELS[right] for right in COMMON},
        others={right.value: LABELS[right] for right in OTHERS},
        residences=RESIDENCES,
        standings=STANDINGS,
        languages=LANGUAGES,
        most={"postal_address": LONGEST_ADDRESS, "details": LONGEST_DETAILS},
        today=local_date(now(), business().time_zone),
    )


def _read(typed: Typed) -> tuple[dict[str, Any], dict[str, str]]:
    """Answer what could be read, and a sentence for each field that could not."""
    found: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name, read in READERS.items():
        try:
            found[name] = read(typed)
        except UserError as error:
            problems[name] = str(error)
    return found, problems


def _read_form(typed: Typed) -> UUID:
    try:
        return UUID(text_of(typed, "form"))
    except ValueError:
        raise UserError(
            "We cannot tell whether this was sent before. See whether it is in the list; if it is "
            "not, load this page anew and enter it again."
        ) from None


def _read_door(typed: Typed) -> Channel:
    door = one_of(typed, "channel", Channel, "how it came")
    if door not in DOORS:
        raise UserError("Choose how it came from the list.")
    return door


def _read_day(typed: Typed) -> date:
    day = date_of(typed, "received_on")
    if day is None:
        raise UserError("Say on which day it reached you: the dates are counted from it.")
    return day


def _read_rights(typed: Typed) -> tuple[Right, ...]:
    rights = all_of(typed, "rights", Right, "what is asked for")
    if rights & NOT_BY_ITSELF:
        raise UserError("Choose what is asked for from the list.")
    return tuple(right for right in Right if right in rights)


def _read_language(typed: Typed) -> str:
    language = text_of(typed, "language")
    if language not in LANGUAGES:
        raise UserError("Choose the language from the list.")
    return language


def _read_residence(typed: Typed) -> str | None:
    place = text_of(typed, "residence")
    if place and place not in RESIDENCES:
        raise UserError("Choose a place from the list, or leave it open.")
    return place or None


def _read_standing(typed: Typed) -> Standing | None:
    word = text_of(typed, "standing")
    return chosen(Standing, word, "for whom it is asked") if word else None


READERS: dict[str, Callable[[Typed], Any]] = {
    "form": _read_form,
    "code": lambda typed: text_of(typed, "code"),
    "channel": _read_door,
    "received_on": _read_day,
    "language": _read_language,
    "rights": _read_rights,
    "standing": _read_standing,
    "residence": _read_residence,
    **CONTACT_READERS,
    "details": text_reader("details", LONGEST_DETAILS),
}
"""How each field of the form is read."""


def _codes(session: Session, business_id: UUID) -> list[ServiceCode]:
    mine = ServiceCode.business_id == business_id
    return list(session.scalars(select(ServiceCode).where(mine).order_by(ServiceCode.code)))


def _find_code(session: Session, business_id: UUID, text: str) -> ServiceCode:
    """Answer the business's code; a letter may well name a brand whose code is withdrawn."""
    for code in _codes(session, business_id):
        if code.code == text:
            return code
    raise NotFoundError("no such code")
