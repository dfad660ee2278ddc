"""The public's page of figures: there only where a business shows it, else like no page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from desks import Desk
from factories import AT, make_user
from sqlalchemy import select
from test_records import STEPS

from voiceline.models import Business, ServiceCode
from voiceline.rules.rights import Right


@pytest.mark.parametrize(
    "code", ["4021", "5077", "5078", "6001", "99", "nothing", "4021%00", "9" * 99]
)
def test_nothing_is_shown_until_a_business_shows_it(public, code):
    missing = public.client.get("/metrics/3999")

    answer = public.client.get(f"/metrics/{code}")

    assert (answer.status_code, answer.text) == (404, missing.text)


def test_figures_of_last_year_are_shown_by_head(public, clock, figures):
    clock.at = AT + timedelta(days=300)

    page = public.client.get("/metrics/4021").text

    assert "Privacy requests to Acme Shoes in 2026" in page
    assert "<dd>1</dd>" in page
    assert page.count("<h2") == 5


def test_this_years_figures_are_not_public_yet(public, figures):
    page = public.client.get("/metrics/4021").text

    assert "in 2025" in page
    assert "<dd>1</dd>" not in page


def test_figures_are_told_in_spanish(public, figures):
    page = public.client.get("/metrics/4021?lang=es").text

    assert "Solicitudes de borrar" in page
    assert '<html lang="es">' in page


def test_a_suspended_business_shows_nothing(public, services, figures):
    with services.sessions.begin() as session:
        session.get_one(Business, figures).suspend()

    assert public.client.get("/metrics/4021").status_code == 404


@pytest.fixture
def figures(services, world):
    """Acme shows its figures: one request to delete, denied."""
    with services.sessions.begin() as session:
        code = session.scalars(select(ServiceCode).where(ServiceCode.code == "4021")).one()
        code.business.publishes_metrics = True
        desk = Desk(session, code, make_user(session), right=Right.DELETE)
        STEPS["deny"](desk)
        return code.business_id
