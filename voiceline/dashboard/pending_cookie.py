"""The cookie of a browser that is on its way in: it opens no page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app, request

from voiceline.pending_sign_ins import LASTS

if TYPE_CHECKING:
    from werkzeug import Response

    from voiceline.dashboard.login_cookie import Marks


def pending_token() -> str | None:
    """Answer the token of the step that the browser is at."""
    return request.cookies.get(_name())


def with_pending(response: Response, token: str) -> Response:
    """Let the browser keep the token for as long as a step can take."""
    response.set_cookie(_name(), token, max_age=LASTS, **_marks())
    return response


def without_pending(response: Response) -> Response:
    """Let the browser forget the token, if it has one."""
    if pending_token() is not None:
        response.delete_cookie(_name(), **_marks())
    return response


def _name() -> str:
    return f"{current_app.config['LOGIN_COOKIE']}-pending"


def _marks() -> Marks:
    # Lax, because a provider's page leads back here
    return {
        "secure": current_app.config["SESSION_COOKIE_SECURE"],
        "httponly": True,
        "samesite": "Lax",
    }
