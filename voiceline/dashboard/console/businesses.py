"""The operator's businesses: found by name, code or owner; and another one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for

from voiceline import customers
from voiceline.customers import Asked, Place
from voiceline.dashboard.console.words import one_of
from voiceline.dashboard.context import business, now, secret, services, transaction, user
from voiceline.errors import UserError
from voiceline.rules.lifecycle import BusinessStatus
from voiceline.rules.plain_text import without_lines
from voiceline.rules.retention import RETENTION_DAYS, AccountTier
from voiceline.rules.time_zones import FREQUENT, other_time_zones

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue

blueprint = Blueprint("console_businesses", __name__, url_prefix="/operator/businesses")


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
        now=now(),
    )


@blueprint.get("/new")
def show_opening() -> ResponseReturnValue:
    """Ask what the business is called and who will own it."""
    return _opening()


@blueprint.post("/new")
def open_business() -> ResponseReturnValue:
    """Open the business and invite its owner."""
    typed = {name: request.form.get(name, "")[:400] for name in ("name", "owner", "time_zone")}
    tier = one_of(AccountTier, request.form.get("tier", "")) or AccountTier.TRIAL
    trial = timedelta(days=services().settings.trial_days)
    try:
        with transaction() as session:
            opened = customers.open_customer(
                session, **typed, tier=tier, by=user(), secret=secret(), trial=trial, at=now()
            )
    except UserError as error:
        return _opening(refused=str(error), typed=typed | {"tier": tier}), 422
    page = url_for("console_business.show_business", account_id=opened.id, said="opened")
    return redirect(page, code=303)


def _opening(**parts: Any) -> str:
    empty = {"name": "", "owner": "", "time_zone": business().time_zone, "tier": AccountTier.TRIAL}
    return render_template(
        "console/opening.html",
        frequent=FREQUENT,
        others=other_time_zones(),
        trial_days=services().settings.trial_days,
        kept=RETENTION_DAYS,
        **{"refused": None, "typed": empty, **parts},
    )


def _asked(args: Mapping[str, str]) -> Asked:
    return Asked(
        word=without_lines(args.get("q", "")[: customers.LONGEST_WORD]),
        tier=one_of(AccountTier, args.get("tier", "")),
        status=one_of(BusinessStatus, args.get("state", "")),
        trial_ends_soon=args.get("trial") == "soon",
    )


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
