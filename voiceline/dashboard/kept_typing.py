"""What was typed into a form whose sender is asked first to prove that they are there.

It waits in the browser's own signed cookie, one form at a time, and is shown once, in the form that
it was typed into. Who signs in or out leaves it behind. Secrets are never kept.
"""

from __future__ import annotations

from flask import request, session, url_for
from flask_wtf.csrf import validate_csrf
from wtforms import ValidationError  # type: ignore[import-untyped]

FIELDS: dict[str, tuple[str, ...]] = {
    "members.invite": ("email", "role"),
    "account.change_address": ("address",),
    "business_sign_in.set_provider": ("name", "issuer", "client_id", "default_role"),
    "business_sign_in.add_domain": ("domain",),
    "holds.place_on_all": ("reason",),
    "archive.name_place": ("role_arn", "bucket", "region", "prefix", "kms_key"),
}
"""What is worth keeping of each form that somebody types into and that asks for such a proof."""

LONGEST = 500
"""Characters of a field, as long as the longest of them may be: a cookie holds 4 kB."""

_KEY = "typed"


def keep_typed() -> None:
    """Keep what this request's form holds, where it is worth keeping and the form is ours.

    The gate asks before anything else looks at a form: what another site made somebody send must
    not wait for them in a form of ours.
    """
    if not _is_ours():
        return
    fields = FIELDS.get(request.endpoint or "", ())
    typed = {name: request.form[name][:LONGEST] for name in fields if name in request.form}
    if typed:
        session[_KEY] = {"form": request.path, "typed": typed}


def _is_ours() -> bool:
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError:
        return False
    return True


def kept_typing(endpoint: str) -> dict[str, str]:
    """Answer what was typed for a form of this page, once; empty where nothing was."""
    kept = session.get(_KEY)
    if not kept or kept["form"] != url_for(endpoint, **(request.view_args or {})):
        return {}
    session.pop(_KEY)
    typed: dict[str, str] = kept["typed"]
    return typed
