"""What follows when somebody has come back from a provider, by what they went for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app, redirect, render_template, url_for

from voiceline import identities, login_sessions, pending_sign_ins, providers
from voiceline.dashboard import provider_trips
from voiceline.dashboard.addresses import local_path
from voiceline.dashboard.context import now, transaction_across
from voiceline.dashboard.letting_in import lead_in, let_in
from voiceline.dashboard.login_cookie import with_token
from voiceline.dashboard.pending_cookie import with_pending, without_pending
from voiceline.dashboard.provider_joining import accept_invitation, open_sign_up
from voiceline.dashboard.sign_in import show_ways
from voiceline.errors import UserError
from voiceline.identities import Arrival, Next, arrive
from voiceline.models import PendingKind, Role, SignInWay

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from voiceline.accounts import Halfway
    from voiceline.dashboard.provider_trips import Trip
    from voiceline.models import User


def sign_in(trip: Trip) -> ResponseReturnValue:
    """Sign in who is known, or say what has to come first."""
    arrival, wanted = arrival_of(trip), local_path(trip.wanted)
    with transaction_across() as database:
        follows, user = arrive(database, arrival, now())
        if follows in {Next.UNKNOWN, Next.SIGN_UP}:
            user = accept_invitation(database, arrival, wanted) or user
            follows = Next.SIGN_IN if user else follows
        token: str | Halfway | None = None
        if follows is Next.SIGN_IN and user is not None:
            token = enter(database, trip, user)
        if follows is Next.PROVE and user is not None:
            facts = _kept(arrival) | {"wanted": trip.wanted, "provider": trip.provider.name}
            kind = PendingKind.LINK
            linking = pending_sign_ins.begin(database, kind, now(), user=user, facts=facts)
    if token is not None:
        return lead_in(token, wanted)
    if follows is Next.PROVE:
        return with_pending(redirect(url_for("linking.show_form"), code=303), linking)
    if follows is Next.SIGN_UP and (there := open_sign_up(arrival)):
        return without_pending(redirect(there, code=303))
    return _say_unknown(trip, follows)


def link(trip: Trip) -> ResponseReturnValue:
    """Link the account that came back to the person who set out."""
    problem = _link_in_session(trip, tests=False)
    return _tell(problem, url_for("identity_pages.show_identities", done="yes"))


def test(trip: Trip) -> ResponseReturnValue:
    """Note that the business's provider works, and link the owner who tried it."""
    with transaction_across() as database:
        row = providers.find_provider(database, trip.provider.id) if trip.provider.id else None
    if row is None:
        return _tell("The provider was removed meanwhile.", "")
    problem = _link_in_session(trip, tests=True)
    page = "business_sign_in.show_settings"
    return _tell(problem, url_for(page, business_id=row.business_id, done="yes"))


def confirm(trip: Trip) -> ResponseReturnValue:
    """Confirm the session where its person has just signed in at their provider anew."""
    with transaction_across() as database:
        login = provider_trips.session_of(database, trip)
        same = login is not None and identities.is_whose(database, arrival_of(trip), login.user)
        token = None
        if login is not None and same and trip.fresh:
            token = login_sessions.confirm(database, login, now())
    if token is None:
        there = url_for("confirming.show_form", next=local_path(trip.wanted), provider="refused")
        return without_pending(redirect(there, code=303))
    there = local_path(trip.wanted) or url_for("businesses.go_home")
    return without_pending(with_token(redirect(there, code=303), token))


END = {
    provider_trips.SIGN_IN: sign_in,
    provider_trips.LINK: link,
    provider_trips.TEST: test,
    provider_trips.CONFIRM: confirm,
}
"""Each thing to go to a provider for, and what follows."""


def arrival_of(trip: Trip) -> Arrival:
    """Answer who came back, as the verbs know them."""
    return Arrival(
        issuer=trip.proven.issuer,
        subject=trip.proven.subject,
        email=trip.proven.email,
        verified=trip.proven.email_verified,
        name=trip.proven.name,
        provider_id=trip.provider.id,
    )


def enter(database: Session, trip: Trip, user: User) -> str | Halfway:
    """Let the person in: everybody's provider is one thing proved, a business's own is its say."""
    if trip.provider.id is None:
        return let_in(database, user, SignInWay.GOOGLE, wanted=trip.wanted, halfway=True)
    return let_in(database, user, SignInWay.BUSINESS_PROVIDER, provider_id=trip.provider.id)


def _link_in_session(trip: Trip, *, tests: bool) -> str | None:
    """Link within the session that set out, or say why not; a test is noted besides."""
    arrival = arrival_of(trip)
    try:
        with transaction_across() as database:
            login = provider_trips.session_of(database, trip)
            if login is None:
                return "You signed out meanwhile: sign in, and try again."
            if not identities.is_whose(database, arrival, login.user):
                identities.link(database, login.user, arrival, now(), login=login)
            if tests:
                _note_tested(database, trip, login.user)
    except UserError as error:
        return str(error)
    return None


def _tell(problem: str | None, page: str) -> ResponseReturnValue:
    if problem is None:
        return without_pending(redirect(page, code=303))
    body = render_template("trip_refused.html", problem=problem)
    return without_pending(current_app.make_response((body, 422)))


def _note_tested(database: Session, trip: Trip, user: User) -> None:
    row = providers.find_provider(database, trip.provider.id) if trip.provider.id else None
    places = {m.business_id: m.role for m in user.memberships}
    if row is None or places.get(row.business_id) is not Role.OWNER:
        raise UserError("Only an owner of the business can test its provider.")
    providers.note_tested(database, row.business, row, by=user, at=now())


def _kept(arrival: Arrival) -> dict[str, str]:
    return {
        "issuer": arrival.issuer,
        "subject": arrival.subject,
        "email": arrival.email or "",
        "provider_id": str(arrival.provider_id or ""),
    }


def _say_unknown(trip: Trip, follows: Next) -> ResponseReturnValue:
    """Say the same of an address that nobody verified and of one that nobody knows."""
    account = trip.proven.email or f"this account of {trip.provider.name}"
    if follows is Next.SIGN_UP:
        problem = (
            f"{account} is not known here yet. Ask an owner of your business's account to invite "
            "you, and follow the link in that message."
        )
    else:
        problem = (
            f"{trip.provider.name} says who you are, but not that {account} is your verified "
            "address, and nobody here is linked to it. Follow the link of your invitation, or "
            "sign in in another way."
        )
    return without_pending(current_app.make_response((show_ways(None, problem=problem), 422)))
