"""The cookie of a signed-in browser: its session's token and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from flask import current_app, request

from voiceline.login_sessions import LONGEST

if TYPE_CHECKING:
    from werkzeug import Response


class Marks(TypedDict):
    """What a browser must heed; the name of the cookie adds that no other host sets it."""

    secure: bool
    httponly: bool
    samesite: str


def token_sent() -> str | None:
    """Answer the token the browser sent."""
    return request.cookies.get(_name())


def with_token(response: Response, token: str) -> Response:
    """Let the browser keep the token for as long as a session can last."""
    response.set_cookie(_name(), token, max_age=LONGEST, **_marks())
    return response


def without_token(response: Response) -> Response:
    """Let the browser forget its token, and what it kept of our pages."""
    response.delete_cookie(_name(), **_marks())
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _name() -> str:
    return str(current_app.config["LOGIN_COOKIE"])


def _marks() -> Marks:
    return {
        "secure": current_app.config["SESSION_COOKIE_SECURE"],
        "httponly": True,
        "samesite": "Lax",
    }
