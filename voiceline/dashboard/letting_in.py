"""What every way of signing in ends with: a session under a new token, or a second step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import redirect, session, url_for

from voiceline import login_sessions
from voiceline.accounts import Halfway, begin_second_step
from voiceline.code_apps import has_code_app
from voiceline.dashboard.context import now
from voiceline.dashboard.devices import device_asking
from voiceline.dashboard.login_cookie import token_sent, with_token
from voiceline.dashboard.mailed import forget_all_but
from voiceline.dashboard.pending_cookie import with_pending, without_pending

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session
    from werkzeug import Response

    from voiceline.models import SignInWay, User

INVITATION = "joining.show_invitation"
"""The page behind a mailed link that people sign in to come back to."""


def let_in(
    database: Session,
    user: User,
    way: SignInWay,
    *,
    wanted: str = "",
    provider_id: UUID | None = None,
    halfway: bool = False,
) -> str | Halfway:
    """Open a session for who proved who they are, whatever session the browser had.

    `halfway`: with one thing proved; who has an app for codes is asked for one then.
    """
    if halfway and has_code_app(database, user):
        return Halfway(begin_second_step(database, user, way, now(), wanted=wanted))
    login_sessions.sign_out(database, token_sent(), at=now())
    return login_sessions.open_session(
        database, user, now(), way=way, device=device_asking(), provider_id=provider_id
    )


def lead_in(answer: str | Halfway, wanted: str | None) -> Response:
    """Lead the browser on, with the cookie it needs there."""
    if isinstance(answer, Halfway):
        return with_pending(redirect(url_for("second_step.show_form"), code=303), answer.token)
    # Forms of before belong to whoever used the browser before. An invitation is its address's.
    if wanted == url_for(INVITATION):
        forget_all_but(INVITATION)
    else:
        session.clear()
    there = redirect(wanted or url_for("businesses.go_home"), code=303)
    return without_pending(with_token(there, answer))
