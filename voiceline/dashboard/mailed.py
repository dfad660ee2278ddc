"""The token of a mailed link: taken out of the address at once, and kept for the form behind it.

So it is in no history, on no projector and in no screenshot. Who asks for the page twice, goes back
or loads it again still has it. A browser keeps the link that was opened last, and a page may still
show the one before: its form names the link it is for, and its button does nothing else. Whoever
signs in to come back to such a page is led to its address, which holds no token either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import abort, make_response, redirect, render_template, request, session, url_for
from markupsafe import Markup

from voiceline.mail_tokens import token_hash

if TYPE_CHECKING:
    from flask import Flask
    from flask.typing import ResponseReturnValue
    from werkzeug import Response


def set_up(app: Flask) -> None:
    """Let the pages behind links name their link in their forms."""
    app.jinja_env.globals["link_field"] = link_field


def keep_token(token: str, page: str) -> Response:
    """Keep the token for the page and go there."""
    session[f"mailed.{page}"] = token[:100]
    there: Response = redirect(url_for(page), code=303)
    return there


def kept_token(page: str) -> str:
    """Answer the token that was kept for the page; empty where there is none."""
    return str(session.get(f"mailed.{page}", ""))


def link_field(page: str) -> Markup:
    """Answer the field by which a form of the page names the link it was shown for."""
    return Markup('<input type="hidden" name="link" value="{}">').format(_mark(kept_token(page)))


def meant_token(page: str) -> str:
    """Answer the kept token for a form of the page; one for another link ends the request."""
    token = kept_token(page)
    if request.form.get("link") != _mark(token):
        why = "This browser opened another link after this page. Look at what that one is for."
        abort(make_response(say("Nothing was done", why, to=page, label="Go on", code=409)))
    return token


def forget_token(page: str) -> None:
    """Forget the token: it was used."""
    session.pop(f"mailed.{page}", None)


def forget_all_but(page: str) -> None:
    """Forget whatever the browser kept for forms, but the link of the page it is led to."""
    token = kept_token(page)
    session.clear()
    if token:
        session[f"mailed.{page}"] = token


def say(
    what: str, why: str, *, to: str = "sign_in.show_form", label: str = "Sign in", code: int = 200
) -> ResponseReturnValue:
    """Answer a page that says what is so, why, and leads on to one place."""
    return render_template("said.html", what=what, why=why, to=url_for(to), label=label), code


def _mark(token: str) -> str:
    """Tell links apart without telling the token."""
    return token_hash(f"form {token}")[:16]
