"""The form of one business: shown, read, filed at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, redirect, render_template, request

from voiceline import web_texts
from voiceline.consumer import fields
from voiceline.consumer.context import (
    language,
    network_address,
    now,
    secret,
    signing_key,
    transaction,
)
from voiceline.consumer.fields import Complaint, Filled
from voiceline.consumer.form_tokens import (
    FormToken,
    new_token,
    read_token,
    submission_key,
    write_token,
)
from voiceline.consumer.headers import allow_framing
from voiceline.consumer.wording import to
from voiceline.intake import find_code
from voiceline.models import Suspicion
from voiceline.rules.residences import RESIDENCES
from voiceline.web_receipts import receipt_code, receipt_of
from voiceline.web_requests import WINDOW, file_sent, find_sent, may_send

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from voiceline.models import PrivacyRequest, ServiceCode

blueprint = Blueprint("form", __name__)


@blueprint.get("/<code>")
def show_form(code: str) -> ResponseReturnValue:
    """Show the form of the business that the code belongs to."""
    with transaction() as session:
        found = _find(session, code)
    return _page(found, fields.EMPTY, new_token(now()))


@blueprint.post("/<code>")
def submit_form(code: str) -> ResponseReturnValue:
    """File what was sent, or show it again with what is wrong."""
    with transaction() as session:
        found = _find(session, code)
    filled = _read()
    token = read_token(filled["token"], code, secret())
    complaints = fields.complaints_about(filled)
    if token is None or complaints:
        return _page(found, filled, token or new_token(now()), complaints or _STALE), 400
    key = submission_key(token, filled.content, secret())
    with transaction() as session:
        if known := find_sent(session, key):
            return _go_to_receipt(known)
    if token.is_stale(now()):
        # the number stays: what was sent with it before is still the same request
        return _page(found, filled, FormToken(token.number, now()), _STALE), 400
    if token.is_quick(now()):
        return _page(found, filled, token, _QUICK), 400
    return _file(found, filled, token, key)


_STALE = (Complaint(None, "error_stale"),)
_QUICK = (Complaint(None, "error_quick"),)
_OFTEN = (Complaint(None, "error_often"),)


def _file(code: ServiceCode, filled: Filled, token: FormToken, key: str) -> ResponseReturnValue:
    with transaction() as session:
        code = _find(session, code.code)
        allowed = may_send(session, code, network_address(), secret=secret(), at=now())
        if allowed:
            filed = file_sent(
                session,
                code,
                fields.read_sent(filled, language()),
                key=key,
                texts_version=web_texts.version(language()),
                secret=secret(),
                at=now(),
                suspected_because=Suspicion.HIDDEN_FIELD if filled[fields.TRAP] else None,
            )
            return _go_to_receipt(filed)
    retry = {"Retry-After": str(int(WINDOW.total_seconds()))}
    return _page(code, filled, token, _OFTEN), 429, retry


def _read() -> Filled:
    is_upload = request.mimetype == "multipart/form-data"
    body = b"" if is_upload else request.get_data(cache=True)  # read before the form is
    return fields.read_filled(request.form, body=body, has_files=bool(request.files))


def _find(session: Session, code: str) -> ServiceCode:
    found = find_code(session, code, now())
    if found is None:
        abort(404)
    allow_framing(session, code)
    return found


def _go_to_receipt(filed: PrivacyRequest) -> ResponseReturnValue:
    key = signing_key()
    return redirect(to(f"/receipt/{receipt_code(receipt_of(filed, key), key)}"), code=303)


def _page(
    code: ServiceCode, filled: Filled, token: FormToken, complaints: tuple[Complaint, ...] = ()
) -> str:
    asks_without_contact = any(one.sentence == "error_contact" for one in complaints)
    return render_template(
        "form.html",
        business=code.spoken_name,
        code=code,
        complaints=complaints,
        filled=filled,
        limits=fields,
        places=_places(),
        standings=web_texts.standings(language()),
        token=write_token(token, code.code, secret()),
        without_contact=asks_without_contact or bool(filled["without_contact"]),
    )


def _places() -> list[tuple[str, str]]:
    """Answer every place by its name in the language of the page, the states first."""
    named = [
        (key, place.spanish if language() == "es" else place.english)
        for key, place in RESIDENCES.items()
    ]
    return sorted(named, key=lambda one: (not one[0].startswith("US-"), one[1]))
