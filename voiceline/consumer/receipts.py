"""The receipt of a request, read from its own signed code; and checking one by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request

from voiceline.consumer.context import keys, now, secret, transaction
from voiceline.consumer.headers import allow_framing
from voiceline.consumer.wording import to
from voiceline.email_links import is_wanted, send_again
from voiceline.errors import UserError
from voiceline.models import DeliveryKind
from voiceline.web_mails import kinds_owed
from voiceline.web_receipts import LONGEST_CODE, Receipt, read_receipt, unfolded
from voiceline.web_requests import find_filed

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("receipts", __name__)


@blueprint.get("/receipt/<code>")
def show_receipt(code: str) -> ResponseReturnValue:
    """Show what was asked and promised; the code is its own proof."""
    receipt = _read(code)
    if receipt is None:
        return _false()
    with transaction() as session:
        allow_framing(session, receipt.service_code)
        filed = find_filed(session, receipt.reference)
        requester = filed.requester if filed else None
        owed = kinds_owed(session, filed) if filed else frozenset()
        wants_link = filed is not None and is_wanted(filed) and DeliveryKind.EMAIL_LINK in owed
    return render_template(
        "receipt.html",
        receipt=receipt,
        code=unfolded(code),
        mailed=DeliveryKind.RECEIPT in owed,
        reachable=requester is None or bool(requester.email or requester.phone),
        wants_link=wants_link,
        link=request.args.get("link"),
    )


@blueprint.post("/receipt/<code>/link")
def send_link(code: str) -> ResponseReturnValue:
    """Send the link once more; whoever holds the receipt may ask for that, a few times."""
    receipt = _read(code)
    if receipt is None:
        return _false()
    with transaction() as session:
        filed = find_filed(session, receipt.reference)
        sent = filed is not None and send_again(session, filed, secret=secret(), at=now())
    address = to(f"/receipt/{unfolded(code)}")
    mark = "&" if "?" in address else "?"
    return redirect(f"{address}{mark}link={'sent' if sent else 'later'}#link", code=303)


@blueprint.get("/receipt")
def show_check() -> ResponseReturnValue:
    """Ask for a receipt's code."""
    return render_template("check.html", typed="", is_false=False)


@blueprint.post("/receipt")
def check() -> ResponseReturnValue:
    """Tell whether a receipt is true; what was pasted is kept out of addresses and logs."""
    typed = request.form.get("code", "")[: LONGEST_CODE * 2]
    receipt = _read(typed)
    if receipt is None:
        return render_template("check.html", typed=typed, is_false=True), 400
    return render_template("receipt.html", receipt=receipt, code=None, checked=True)


def _read(code: str) -> Receipt | None:
    try:
        return read_receipt(code, keys())
    except UserError:
        return None


def _false() -> ResponseReturnValue:
    return render_template("check.html", typed="", is_false=True), 404
