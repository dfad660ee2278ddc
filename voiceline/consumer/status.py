"""The status of a request by its reference: what the telephone tells, and nothing else."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from voiceline.consumer.context import network_address, now, secret, transaction
from voiceline.limits import limit_key, take
from voiceline.progress import progress_of

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

blueprint = Blueprint("status", __name__)

LONGEST = 40
ADDRESS_WINDOW = timedelta(minutes=1)
PER_ADDRESS = 5
WINDOW = timedelta(minutes=10)
OVERALL = 600
"""References looked up here in a window: enough for people, too few to find one by guessing."""

_SEPARATORS = re.compile(r"[\s.\-\u2010-\u2015]+")


@blueprint.get("/status")
def show_question() -> ResponseReturnValue:
    """Ask for the reference."""
    return render_template("status.html", typed="", found=None, problem=None)


@blueprint.post("/status")
def show_status() -> ResponseReturnValue:
    """Tell the status, or the same of every reference that nobody was given."""
    typed = request.form.get("reference", "")[:LONGEST]
    reference = _SEPARATORS.sub("", unicodedata.normalize("NFKC", typed))
    with transaction() as session:
        allowed = _is_allowed(session)
        found = progress_of(session, reference) if allowed else None
    if not allowed:
        retry = {"Retry-After": str(int(WINDOW.total_seconds()))}
        return _page(typed, "status_busy"), 429, retry
    if found is None:
        return _page(typed, "status_none"), 404
    return render_template("status.html", typed="", found=found, problem=None)


def _is_allowed(session: Session) -> bool:
    """Count the look-up against the network address's share and everybody's."""
    shares = (
        (limit_key("status/web", network_address(), secret()), PER_ADDRESS, ADDRESS_WINDOW),
        ("status/web", OVERALL, WINDOW),
    )
    return all(
        take(session, key=key, allowance=allowance, window=window, at=now())
        for key, allowance, window in shares
    )


def _page(typed: str, problem: str) -> str:
    return render_template("status.html", typed=typed, found=None, problem=problem)
