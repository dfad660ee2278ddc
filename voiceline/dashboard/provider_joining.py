"""Where a sign-in with a provider meets invitations and sign-up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app, url_for

from voiceline import identities, invitations
from voiceline.dashboard.context import now, services
from voiceline.dashboard.letting_in import INVITATION
from voiceline.dashboard.mailed import kept_token
from voiceline.sign_ups import has_account

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from voiceline.identities import Arrival
    from voiceline.models import User


def accept_invitation(database: Session, arrival: Arrival, wanted: str | None) -> User | None:
    """Make a member of whoever came with the link of an invitation, which proved its address.

    None where there is no such invitation, or its address is somebody's who must sign in instead.
    """
    token = kept_token(INVITATION) if wanted == url_for(INVITATION) else ""
    invitation = invitations.find(database, token, now())
    if invitation is None or has_account(database, invitation.email):
        return None
    user = identities.make_person(database, arrival, invitation.email, now())
    invitations.accept(database, invitation, user, now())
    return user


def open_sign_up(arrival: Arrival) -> str | None:
    """Answer where somebody with a verified address signs up, where that is open."""
    there = "signing_up.show_form"
    if services().settings.sign_up != "open" or there not in current_app.view_functions:
        return None
    return url_for(there, email=arrival.email)
