"""The figures of 11 CCR 7102: a page, the same as JSON, and whether the public may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from sqlalchemy import select

from voiceline import metrics
from voiceline.dashboard.context import business, now, services, transaction, user
from voiceline.dashboard.wording import local_date
from voiceline.models import Business, ServiceCode

if TYPE_CHECKING:
    from uuid import UUID

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

blueprint = Blueprint("figures", __name__, url_prefix="/businesses/<uuid:business_id>")


@blueprint.get("/metrics")
def show_figures(business_id: UUID) -> ResponseReturnValue:
    """Show the year that is asked for, else the last whole one, if there is anything of it."""
    years, asked = _years()
    with transaction() as session:
        year = asked or _default(session, business_id, years)
        found = metrics.figures_of(session, business_id, year)
        codes = _codes(session, business_id)
    return render_template(
        "figures.html",
        found=found,
        years=years,
        whole=year < years[-1],
        instead=asked is None and year != years[0],
        addresses=[f"{services().settings.consumer_url}/metrics/{code}" for code in codes],
    )


@blueprint.get("/metrics.json")
def send_figures(business_id: UUID) -> ResponseReturnValue:
    """Send the same figures as JSON."""
    years, asked = _years()
    with transaction() as session:
        year = asked or _default(session, business_id, years)
        found = metrics.figures_of(session, business_id, year)
    return jsonify(metrics.as_json(found))


@blueprint.post("/metrics/publish")
def publish(business_id: UUID) -> ResponseReturnValue:
    """Let anybody see the figures of the last whole year."""
    with transaction() as session:
        metrics.show_figures(session, session.get_one(Business, business_id), user(), now())
    return _back(business_id)


@blueprint.post("/metrics/hide")
def hide(business_id: UUID) -> ResponseReturnValue:
    """Let only colleagues see the figures."""
    with transaction() as session:
        metrics.hide_figures(session, session.get_one(Business, business_id), user(), now())
    return _back(business_id)


def _back(business_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("figures.show_figures", business_id=business_id), code=303)


def _years() -> tuple[tuple[int, int], int | None]:
    """Answer the years there are figures of, and the one of them that is asked for."""
    years = metrics.years_of(local_date(now(), business().time_zone))
    asked = {str(year): year for year in years}.get(request.args.get("year", ""))
    return years, asked


def _default(session: Session, business_id: UUID, years: tuple[int, int]) -> int:
    """Answer the last whole year; who was not here then is shown this one so far."""
    last, this = years
    return last if metrics.has_figures(session, business_id, last) else this


def _codes(session: Session, business_id: UUID) -> list[str]:
    mine = ServiceCode.business_id == business_id
    query = select(ServiceCode.code).where(mine, ServiceCode.withdrawn_at.is_(None))
    return list(session.scalars(query.order_by(ServiceCode.code).limit(10)))
