"""The operator's businesses: found by name, code or owner."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from flask import Blueprint, abort, render_template, request, url_for

from voiceline import customers
from voiceline.customers import Asked, Place
from voiceline.dashboard.context import now, transaction
from voiceline.rules.lifecycle import BusinessStatus
from voiceline.rules.plain_text import without_lines
from voiceline.rules.retention import AccountTier

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue

Word = TypeVar("Word", bound=StrEnum)

blueprint = Blueprint("console_businesses", __name__, url_prefix="/operator/businesses")

TIERS = {
    AccountTier.TRIAL: "Trial",
    AccountTier.SMALL_MEDIUM: "Small and medium",
    AccountTier.ENTERPRISE: "Enterprise",
}
STATES = {
    BusinessStatus.ACTIVE: "Active",
    BusinessStatus.SUSPENDED: "Suspended",
    BusinessStatus.CLOSED: "Closed",
}


@blueprint.get("")
def show_businesses() -> ResponseReturnValue:
    """List the businesses that are looked for."""
    asked = _asked(request.args)
    with transaction() as session:
        page = customers.list_customers(session, asked, after=_after(request.args), at=now())
    return render_template(
        "console/businesses.html",
        asked=asked,
        page=page,
        next_page=_address(asked, page.next) if page.next else None,
        later_page="after" in request.args,
        first_page=_address(asked),
        tiers=TIERS,
        states=STATES,
        now=now(),
    )


def _asked(args: Mapping[str, str]) -> Asked:
    return Asked(
        word=without_lines(args.get("q", "")[: customers.LONGEST_WORD]),
        tier=_one_of(AccountTier, args.get("tier", "")),
        status=_one_of(BusinessStatus, args.get("state", "")),
        trial_ends_soon=args.get("trial") == "soon",
    )


def _one_of(kind: type[Word], text: str) -> Word | None:
    """Answer the word that was chosen; what is none chooses nothing."""
    return kind(text) if text in set(kind) else None


def _after(args: Mapping[str, str]) -> Place | None:
    if "after" not in args:
        return None
    try:
        return Place(without_lines(args.get("name", "")[:200]), UUID(args["after"]))
    except ValueError:
        abort(404)


def _address(asked: Asked, after: Place | None = None) -> str:
    parts: dict[str, Any] = {"q": asked.word or None, "tier": asked.tier, "state": asked.status}
    if asked.trial_ends_soon:
        parts["trial"] = "soon"
    if after is not None:
        parts |= {"name": after.name, "after": after.id}
    return url_for("console_businesses.show_businesses", **parts)
