"""The verbs of saved views: a filter gets a name, for oneself or for the team."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import or_, select, update

from voiceline import audit
from voiceline.audit import Action, Deed
from voiceline.authority import lock_team
from voiceline.errors import NotFoundError, UserError
from voiceline.models import InboxChoice, SavedView
from voiceline.reading import hold_choice
from voiceline.rules.plain_text import without_lines

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from voiceline.models import User
    from voiceline.reading import Reader

MOST_VIEWS = 30
"""That one person has of their own, and a team together."""

LONGEST_NAME = 60


def views_of(session: Session, reader: Reader) -> list[SavedView]:
    """Answer a member's views and the team's, by name; saving bounds how many they are."""
    return list(
        session.scalars(
            select(SavedView).where(*_seen_by(reader)).order_by(SavedView.name, SavedView.id)
        )
    )


def find_view(session: Session, reader: Reader, view_id: UUID) -> SavedView:
    """Answer one of the views the member sees, or raise NotFoundError."""
    found = session.scalar(select(SavedView).where(*_seen_by(reader), SavedView.id == view_id))
    if found is None:
        raise NotFoundError("no such view")
    return found


def save_view(
    session: Session,
    reader: Reader,
    user: User,
    *,
    name: str,
    query: str,
    shared: bool,
    at: datetime,
) -> SavedView:
    """Give a filter a name; UserError for a name that is none or taken, or where there are 30."""
    _take_turns(session, reader, shared=shared)  # neither makes the 31st, nor a name twice
    views = views_of(session, reader)
    if sum(each.shared == shared for each in views) >= MOST_VIEWS:
        whose = "Your team has" if shared else "You have"
        raise UserError(f"{whose} {MOST_VIEWS} views already: delete one first.")
    view = SavedView(
        id=uuid4(),
        business_id=reader.business_id,
        user_id=user.id,
        name=_free_name(name, views),
        query=query,
        shared=shared,
        created_at=at,
    )
    session.add(view)
    session.flush()
    _prove(session, view, user, Action.VIEW_SAVED, at)
    return view


def rename_view(session: Session, reader: Reader, view: SavedView, name: str) -> None:
    """Give a view another name."""
    _take_turns(session, reader, shared=view.shared)
    others = [each for each in views_of(session, reader) if each.id != view.id]
    view.name = _free_name(name, others)
    session.flush()


def delete_view(session: Session, view: SavedView, user: User, *, at: datetime) -> None:
    """Delete a view; whose inbox opened with it opens as it did at first."""
    session.execute(
        update(InboxChoice)
        .where(InboxChoice.view_id == view.id)
        .values(view_id=None)
        .execution_options(synchronize_session=False)
    )
    session.delete(view)
    session.flush()
    _prove(session, view, user, Action.VIEW_DELETED, at)


def open_with(session: Session, reader: Reader, view: SavedView | None) -> None:
    """Let the member's inbox open with this view, or as it did at first."""
    hold_choice(session, reader).view_id = view.id if view else None
    session.flush()


def _take_turns(session: Session, reader: Reader, *, shared: bool) -> None:
    """Let two tabs of a member act one after the other; for a team's views, two members."""
    if shared:
        lock_team(session, reader.business_id)
    hold_choice(session, reader)


def _seen_by(reader: Reader) -> tuple[ColumnElement[bool], ...]:
    mine = or_(SavedView.user_id == reader.user_id, SavedView.shared)
    return SavedView.business_id == reader.business_id, mine


def _free_name(name: str, others: list[SavedView]) -> str:
    clean = " ".join(without_lines(name).split())
    if not clean:
        raise UserError("Give the view a name.")
    if len(clean) > LONGEST_NAME:
        raise UserError(f"That is too long: a name has at most {LONGEST_NAME} characters.")
    if clean.casefold() in {each.name.casefold() for each in others}:
        raise UserError("There is a view of that name already: choose another one.")
    return clean


def _prove(session: Session, view: SavedView, user: User, action: Action, at: datetime) -> None:
    facts = {"shared": view.shared}
    deed = Deed(view.business_id, action, audit.staff(user), at, audit.about(view), facts)
    audit.write(session, deed)
