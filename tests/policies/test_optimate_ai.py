"""The OptimateAI policy: works for others, and answers in a "reasonable timeframe"."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from factories import AT

from voiceline import desk
from voiceline.desk import Clerk
from voiceline.errors import ExtensionError
from voiceline.rules.rights import Right


def test_end_users_of_a_customer_are_sent_to_the_customer(office):
    request = office.is_written_to(Right.DELETE)

    office.do(desk.redirect, request, request.rights[0], controller="Acme Shoes")

    assert request.status == "redirected"
    assert request.rights[0].controller == "Acme Shoes"


def test_a_reasonable_timeframe_is_never_longer_than_the_laws(office):
    request = office.is_written_to(Right.DELETE)
    late = Clerk(office.officer, AT + timedelta(days=60), request.version)

    assert request.respond_by == date(2026, 11, 20) + timedelta(days=45)
    with pytest.raises(ExtensionError):
        desk.extend(office.session, request, late, request.rights[0], because="Later")


def test_whether_data_are_processed_is_confirmed(office):
    request = office.is_written_to(Right.KNOW_CATEGORIES)

    assert request.acknowledge_by is not None
    assert request.respond_by == date(2027, 1, 4)


@pytest.fixture
def office(open_office):
    return open_office("OptimateAI", "4300", "privacy@optimate-ai.example")
