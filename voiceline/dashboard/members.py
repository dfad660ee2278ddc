"""The people of a business: who they are, in which role, who is invited, how somebody leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, redirect, render_template, request, url_for

from voiceline import invitations
from voiceline import members as verbs
from voiceline.dashboard.attempts import refusal
from voiceline.dashboard.choosing import read_id
from voiceline.dashboard.context import membership, now, secret, transaction, user
from voiceline.dashboard.kept_typing import kept_typing
from voiceline.dashboard.provider_trips import google
from voiceline.models import Role
from voiceline.providers import provider_of
from voiceline.ways_in import ways_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from voiceline.models import User
    from voiceline.ways_in import WaysIn

blueprint = Blueprint("members", __name__, url_prefix="/businesses/<uuid:business_id>/members")

ROWS = 100

MEANS = {
    Role.VIEWER: "reads requests and listens",
    Role.AGENT: "works on requests",
    Role.ADMIN: "also decides settings, codes and people",
    Role.OWNER: "also decides about owners and the whole account",
}
"""Each role in a few words, beside where it is chosen."""

SAID = {
    "invited": "The invitation is on its way.",
    "again": "The invitation was sent again and holds for another 7 days.",
    "revoked": "The invitation was taken back: its link leads nowhere now.",
    "role": "The role was changed. It counts from the next page your colleague opens.",
    "removed": "Your colleague has no part in this business any more.",
}


@blueprint.get("")
def show_members(business_id: UUID) -> ResponseReturnValue:
    """Show who belongs to the business and who is invited."""
    typed = kept_typing("members.invite")
    said = SAID.get(request.args.get("said", ""))
    return _page(business_id, said=said, typed=typed, kept=bool(typed))


@blueprint.post("/invite")
def invite(business_id: UUID) -> ResponseReturnValue:
    """Offer a place to whoever reads mail at an address."""
    email, role = request.form.get("email", ""), _role()

    def act(database: Session) -> None:
        invitations.invite(database, business_id, email, role, by=user(), secret=secret(), at=now())

    return _done(business_id, act, "invited", typed={"email": email[:320], "role": role.value})


@blueprint.post("/invitations/<uuid:invitation_id>/again")
def send_again(business_id: UUID, invitation_id: UUID) -> ResponseReturnValue:
    """Mail an invitation once more."""

    def act(database: Session) -> None:
        invitations.send_again(database, business_id, invitation_id, by=user(), at=now())

    return _done(business_id, act, "again")


@blueprint.post("/invitations/<uuid:invitation_id>/revoke")
def revoke(business_id: UUID, invitation_id: UUID) -> ResponseReturnValue:
    """Take an invitation back."""

    def act(database: Session) -> None:
        invitations.revoke(database, business_id, invitation_id, by=user(), at=now())

    return _done(business_id, act, "revoked")


@blueprint.post("/<uuid:membership_id>/role")
def change_role(business_id: UUID, membership_id: UUID) -> ResponseReturnValue:
    """Give a colleague another role."""

    def act(database: Session) -> None:
        verbs.find_member(database, business_id, membership_id)  # missing comes before malformed
        role = _role()
        verbs.change_role(database, business_id, membership_id, role, by=user(), at=now())

    return _done(business_id, act, "role")


@blueprint.get("/<uuid:membership_id>/remove")
def show_removal(business_id: UUID, membership_id: UUID) -> ResponseReturnValue:
    """Show what removing a colleague means."""
    with transaction() as database:
        member = verbs.find_member(database, business_id, membership_id)
    return render_template("member_remove.html", member=member, refused=None)


@blueprint.post("/<uuid:membership_id>/remove")
def remove(business_id: UUID, membership_id: UUID) -> ResponseReturnValue:
    """End a colleague's place."""

    def act(database: Session) -> None:
        verbs.remove(database, business_id, membership_id, by=user(), at=now())

    return _done(business_id, act, "removed")


@blueprint.get("/leave")
def show_leaving(business_id: UUID) -> ResponseReturnValue:  # noqa: ARG001 - the gate read it
    """Show what leaving means."""
    with transaction() as database:
        last = verbs.is_last_owner(database, membership())
    return render_template("member_leave.html", refused=verbs.LAST_OWNER if last else None)


@blueprint.post("/leave")
def leave(business_id: UUID) -> ResponseReturnValue:
    """End one's own place."""
    if refused := refusal(lambda session: verbs.leave(session, business_id, by=user(), at=now())):
        return render_template("member_leave.html", refused=refused), 422
    return redirect(url_for("businesses.show_businesses"), code=303)


def _role() -> Role:
    try:
        return Role(request.form.get("role", ""))
    except ValueError:
        abort(400)


def _done(
    business_id: UUID,
    act: Callable[[Session], None],
    said: str,
    *,
    typed: dict[str, str] | None = None,
) -> ResponseReturnValue:
    if refused := refusal(act):
        return _page(business_id, refused=refused, typed=typed), 422
    page = url_for("members.show_members", business_id=business_id, said=said)
    return redirect(page, code=303)


def _ways(database: Session, business_id: UUID, people: list[User]) -> dict[UUID, WaysIn]:
    """Answer how each signs in: for who decides about people alone."""
    if not membership().role.covers(Role.ADMIN):
        return {}
    issuers = {each.issuer: each.name for each in [google()] if each}
    own = provider_of(database, business_id)
    return ways_in(database, people, issuers | ({own.issuer: own.name} if own else {}))


def _page(business_id: UUID, **parts: Any) -> str:
    own, after = membership().role, request.args.get("after", "")
    with transaction() as database:
        members = verbs.members_of(
            database, business_id, after=read_id(after) if after else None, limit=ROWS + 1
        )
        shown = members[:ROWS]
        invited = invitations.pending(database, business_id)
        ways = _ways(database, business_id, [each.user for each in shown])
    return render_template(
        "members.html",
        members=shown,
        ways=ways,
        next_page=shown[-1].id if len(members) > ROWS else None,
        later_page=bool(after),
        invited=invited,
        now=now(),
        means=MEANS,
        may_give=[role for role in Role if own.covers(role)],
        **{"typed": None, "kept": False, "refused": None, "said": None, **parts},
    )
