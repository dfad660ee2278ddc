"""Saved views: named filters above the inbox, one's own and the team's."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy.exc import OperationalError

from voiceline import saved_views
from voiceline.dashboard import looking
from voiceline.dashboard.context import now, transaction, user
from voiceline.dashboard.filtering import as_args
from voiceline.errors import UserError
from voiceline.inbox import count_matching
from voiceline.models import Role, SavedView
from voiceline.saved_views import find_view, views_of

if TYPE_CHECKING:
    from uuid import UUID

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from voiceline.reading import Reader

blueprint = Blueprint("views", __name__, url_prefix="/businesses/<uuid:business_id>/requests/views")

SHARING = frozenset({Role.ADMIN, Role.OWNER})
"""Who may make, rename and delete a view of the whole team."""


@blueprint.get("")
def show_views(business_id: UUID) -> ResponseReturnValue:  # noqa: ARG001 - the gate read it
    """Show the views, each with what can be done with it; and a form for the filter at hand."""
    return _page()


@blueprint.get("/counts")
def count_views(business_id: UUID) -> ResponseReturnValue:  # noqa: ARG001 - the gate read it
    """Show the views with how much each holds; the inbox asks for it once it is shown."""
    with transaction() as session:
        reader = looking.look(session, {}).reader
        views = views_of(session, reader)
        counts = _counts(session, views)
    current = request.args.get("current", "")
    return render_template("_views.html", views=views, counts=counts, current=current)


@blueprint.post("")
def save(business_id: UUID) -> ResponseReturnValue:
    """Give the filter a name."""
    shared = "shared" in request.form
    if shared and not may_share():
        abort(403)
    try:
        with transaction() as session:
            here = looking.look(session, dict(parse_qsl(request.form.get("query", ""))))
            query = urlencode(as_args(here.chosen))
            name = request.form.get("name", "")
            saved_views.save_view(
                session, here.reader, user(), name=name, query=query, shared=shared, at=now()
            )
    except UserError as error:
        return _page(error), 400
    return redirect(f"{url_for('inbox.show_inbox', business_id=business_id)}?{query}", code=303)


@blueprint.post("/<uuid:view_id>/rename")
def rename(business_id: UUID, view_id: UUID) -> ResponseReturnValue:
    """Give a view another name."""
    try:
        with transaction() as session:
            reader = looking.look(session, {}).reader
            view = _own(session, reader, view_id)
            saved_views.rename_view(session, reader, view, request.form.get("name", ""))
    except UserError as error:
        if error.__class__ is not UserError:
            raise
        return _page(error), 400
    return redirect(url_for(".show_views", business_id=business_id), code=303)


@blueprint.post("/<uuid:view_id>/delete")
def delete(business_id: UUID, view_id: UUID) -> ResponseReturnValue:
    """Delete a view; the requests in it stay."""
    with transaction() as session:
        reader = looking.look(session, {}).reader
        saved_views.delete_view(session, _own(session, reader, view_id), user(), at=now())
    return redirect(url_for(".show_views", business_id=business_id), code=303)


@blueprint.post("/<uuid:view_id>/open-with")
def choose(business_id: UUID, view_id: UUID) -> ResponseReturnValue:
    """Let one's inbox open with this view, or no longer."""
    with transaction() as session:
        reader = looking.look(session, {}).reader
        view = find_view(session, reader, view_id)
        saved_views.open_with(session, reader, None if reader.view_id == view.id else view)
    return redirect(url_for(".show_views", business_id=business_id), code=303)


def may_share() -> bool:
    """Tell whether who is signed in may decide what the whole team sees."""
    return looking.membership().role in SHARING


def _page(problem: UserError | None = None) -> str:
    with transaction() as session:
        here = looking.look(session, request.values)
        views = views_of(session, here.reader)
    return render_template(
        "views.html", views=views, here=here, problem=problem, may_share=may_share()
    )


def _own(session: Session, reader: Reader, view_id: UUID) -> SavedView:
    """Answer a view that who is signed in may change."""
    view = find_view(session, reader, view_id)
    if view.shared and not may_share():
        abort(403)
    return view


def _counts(session: Session, views: list[SavedView]) -> list[str]:
    """Count what each view holds, among the first rows of its list; `+`: there may be more."""
    lists, mine = [], looking.look(session, {})
    for view in views:
        here = looking.look_at(mine, dict(parse_qsl(view.query)))
        lists.append((here.chosen.scope, here.conditions(session, narrow=False)))
    try:
        with session.begin_nested():
            looking.hurry(session)
            found = count_matching(session, looking.membership().business_id, lists)
    except OperationalError as error:
        if not looking.took_too_long(error):
            raise
        return []
    return [f"{count}{'' if is_all else '+'}" for count, is_all in found]
