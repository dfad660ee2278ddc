"""The inbox: what must be answered, the most urgent first."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from flask import Blueprint, render_template, request
from sqlalchemy import select

from voiceline.accounts import LONGEST
from voiceline.dashboard.context import business, now, secret, services, transaction
from voiceline.dashboard.wording import local_date
from voiceline.errors import UserError
from voiceline.inbox import (
    Order,
    Place,
    Scope,
    count_news,
    count_requests,
    inbox_page,
    open_place,
    seal_place,
)
from voiceline.models import ServiceCode

if TYPE_CHECKING:
    from uuid import UUID

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

blueprint = Blueprint("inbox", __name__, url_prefix="/businesses/<uuid:business_id>/requests")

ROWS = 50

Choice = TypeVar("Choice", Order, Scope)


@blueprint.get("")
def show_inbox(business_id: UUID) -> ResponseReturnValue:
    """Show one page of requests; what is no page of this list shows its beginning."""
    order = _chosen("order", Order.DEADLINE)
    scope = _chosen("status", Scope.OPEN)
    about = f"{business_id}/{order}/{scope}"
    today = local_date(now(), business().time_zone)
    with transaction() as session:
        page = inbox_page(
            session, business_id, order=order, scope=scope, after=_after(about), limit=ROWS
        )
        counts = count_requests(session, business_id, today)
        codes = [] if counts.any else _codes(session, business_id)
    after = seal_place(page.next, about=about, secret=secret()) if page.next else None
    return render_template(
        "inbox.html",
        page=page,
        counts=counts,
        codes=codes,
        number=services().settings.twilio_numbers[0],
        order=order,
        scope=scope,
        next_page=after,
        later_page="after" in request.args,
        made_at=now(),
        today=today,
    )


@blueprint.get("/news")
def show_news(business_id: UUID) -> ResponseReturnValue:
    """Say how many requests came since the page was made; the page asks every half minute."""
    since = _recent(request.args.get("since", "")) or now()
    with transaction() as session:
        count = count_news(session, business_id, since)
    return render_template("_news.html", count=count, since=since)


def _chosen(name: str, default: Choice) -> Choice:
    try:
        return type(default)(request.args.get(name, default))
    except ValueError:
        return default


def _after(about: str) -> Place | None:
    try:
        return open_place(request.args["after"], about=about, secret=secret())
    except (KeyError, UserError):
        return None


def _recent(text: str) -> datetime | None:
    """Read the moment a page was made; nobody leaves one open for longer than a session lasts."""
    try:
        moment = datetime.fromisoformat(text)
        return moment if abs(now() - moment) <= LONGEST else None
    except (ValueError, TypeError, OverflowError):
        return None


def _codes(session: Session, business_id: UUID) -> list[ServiceCode]:
    mine = ServiceCode.business_id == business_id
    query = select(ServiceCode).where(mine, ServiceCode.withdrawn_at.is_(None))
    return list(session.scalars(query.order_by(ServiceCode.code).limit(10)))
