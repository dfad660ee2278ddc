"""Which requests a form means: those that were ticked, or all that the list's filter finds now.

What is ticked says which version of the request the list showed, so that nobody overrides what a
colleague did since.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

from flask import render_template, request, url_for
from sqlalchemy.exc import OperationalError

from voiceline.bulk import MOST
from voiceline.dashboard import looking
from voiceline.dashboard.filtering import as_args
from voiceline.errors import UserError
from voiceline.inbox import matching_ids

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from voiceline.dashboard.looking import Looking

LARGEST_FORM = 2**20
"""Bytes of a form: what is too much to do is refused in words, not by its size."""


@dataclass(frozen=True)
class Choice:
    """Requests somebody chose; an id may be nobody's, or another business's."""

    ids: list[UUID]
    seen: dict[UUID, int]
    """The version a request was shown in, where the form says it."""


def read_choice(session: Session, business_id: UUID) -> Choice:
    """Answer what was ticked, or all that the filter means now, but for what was left out.

    Raises UserError for nothing, for too much, and for a filter that cannot be read.
    """
    if "all" not in request.form:
        return _not_too_many(_ticked("ids"))
    here = looking.look(session, dict(parse_qsl(request.form.get("list", ""))))
    check_filter(here)
    looking.hurry(session)
    try:
        scope, which = here.chosen.scope, here.conditions(session)
        found = matching_ids(session, business_id, scope=scope, which=which, limit=MOST + 1)
    except OperationalError as error:
        if looking.took_too_long(error):
            raise UserError(looking.TOO_LONG) from None
        raise
    but = set(_ticked("but").ids)
    return _not_too_many(Choice([each for each in found if each not in but], {}))


def list_shown(session: Session, business_id: UUID) -> str:
    """Answer the address of the list that the form was chosen in."""
    here = looking.look(session, dict(parse_qsl(request.form.get("list", ""))))
    return url_for("inbox.show_inbox", business_id=business_id, **as_args(here.chosen))


def ask_beside(session: Session, business_id: UUID, count: int) -> ResponseReturnValue:
    """Ask who chose so many to prove that they are there, on a page that keeps the choice.

    It is too long for an address, so nobody could be led back to it: they prove it in another tab.
    """
    page = render_template(
        "prove_first.html",
        back=list_shown(session, business_id),
        count=count,
        chosen=[each for each in request.form.items(multi=True) if each[0] != "csrf_token"],
    )
    return page, 403


def check_filter(here: Looking) -> None:
    """Raise UserError where a condition was left out: more would be meant than was asked for."""
    if here.chosen.refused:
        raise UserError(f"{here.chosen.refused[0]} Look at the list again.")


def read_id(text: str) -> UUID:
    """Read an id; what is none is an id of nobody's, and skipped like one."""
    try:
        return UUID(text)
    except ValueError:
        return uuid4()


def allow_size() -> None:
    """Let a long list of ids come in; called before anything reads the form."""
    request.max_content_length = request.max_form_memory_size = LARGEST_FORM


def _ticked(name: str) -> Choice:
    written = (each for field in request.form.getlist(name) for each in field.split())
    ids, seen = dict[UUID, None](), dict[UUID, int]()
    for word in written:
        id_, _, version = word.partition(":")
        ids[read_id(id_)] = None
        if version.isascii() and version.isdigit() and len(version) < 10:  # noqa: PLR2004
            seen[read_id(id_)] = int(version)
    return Choice(list(ids), seen)


def _not_too_many(choice: Choice) -> Choice:
    if len(choice.ids) > MOST:
        raise UserError(f"At most {MOST:,} requests at once: narrow the filter first.")
    if not choice.ids:
        raise UserError("Nothing is chosen. Tick at least one request, or all that match.")
    return choice
