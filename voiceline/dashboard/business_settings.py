"""What a business decides for all who work for it, and where its account stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, render_template, request, url_for

from voiceline import business_settings as verbs
from voiceline.account_links import pending_address
from voiceline.dashboard.context import business, now, secret, transaction, user
from voiceline.errors import UserError
from voiceline.rules.retention import RETENTION_DAYS
from voiceline.rules.time_zones import FREQUENT, other_time_zones
from voiceline.rules.trials import trial_days_left

if TYPE_CHECKING:
    from uuid import UUID

    from flask.typing import ResponseReturnValue

blueprint = Blueprint(
    "business_settings", __name__, url_prefix="/businesses/<uuid:business_id>/settings"
)

SAID = {
    "saved": "Saved.",
    "asked": "A message with a link is on its way to the new address. Until it is followed, the "
    "one before is told.",
    "ended": "Nobody is told at an address of the business any more.",
    "same": "This address is told already.",
}


@blueprint.get("")
def show_settings(business_id: UUID) -> ResponseReturnValue:
    """Show what is decided; who may not decide reads it."""
    return _page(business_id, said=SAID.get(request.args.get("said", "")))


@blueprint.post("")
def change_settings(business_id: UUID) -> ResponseReturnValue:
    """Keep what is filled in."""
    typed: dict[str, Any] = {
        "name": request.form.get("name", "")[:400],
        "time_zone": request.form.get("time_zone", "")[:100],
        "asks_right": "asks_right" in request.form,
        "viewers_read_notes": "viewers_read_notes" in request.form,
    }
    try:
        with transaction() as database:
            verbs.change_settings(database, business_id, **typed, by=user(), at=now())
    except UserError as error:
        return _page(business_id, refused=str(error), typed=typed), 422
    return _back(business_id, "saved")


@blueprint.post("/address")
def choose_address(business_id: UUID) -> ResponseReturnValue:
    """Have another address prove itself, or tell nobody."""
    address = request.form.get("address", "")[:400]
    try:
        with transaction() as database:
            asked = verbs.ask_address(
                database, business_id, address, by=user(), secret=secret(), at=now()
            )
    except UserError as error:
        return _page(business_id, address_refused=str(error), address=address), 422
    return _back(business_id, "asked" if asked else "same" if address.strip() else "ended")


def _back(business_id: UUID, said: str) -> ResponseReturnValue:
    page = url_for("business_settings.show_settings", business_id=business_id, said=said)
    return redirect(page, code=303)


def _page(business_id: UUID, **parts: Any) -> str:
    with transaction() as database:
        waiting = pending_address(database, business_id, now())
    ours = business()
    now_so = {
        "name": ours.name,
        "time_zone": ours.time_zone,
        "asks_right": ours.asks_right,
        "viewers_read_notes": ours.viewers_read_notes,
    }
    asked = {"typed": now_so, "address": ours.notify_address or "", "said": None, **parts}
    return render_template(
        "settings.html",
        waiting=waiting,
        frequent=FREQUENT,
        others=other_time_zones(),
        days_left=trial_days_left(ours.trial_ends_at, now()),
        kept_days=RETENTION_DAYS[ours.tier],
        **{"refused": None, "address_refused": None, **asked},
    )
