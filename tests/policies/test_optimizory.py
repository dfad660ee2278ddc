"""The Optimizory policy: credit that is outstanding, licences that were paid, uses switched off."""

from __future__ import annotations

from datetime import date

import pytest
from desks import THREE_POINTS
from sqlalchemy import select

from voiceline import desk
from voiceline.models import RequestRecord
from voiceline.rules.denials import Code, Reason, codes_for
from voiceline.rules.identity import Evidence, Method
from voiceline.rules.rights import Right


def test_outstanding_credit_puts_off_and_the_clock_runs_on(session, office):
    request = office.is_written_to(Right.DELETE)
    due = request.respond_by

    office.do(desk.defer, request, request.rights[0], because="An open invoice of October.")

    record = session.scalars(select(RequestRecord)).one()
    assert (request.rights[0].status, record.outcome) == ("deferred", "open")
    assert (request.respond_by, record.due_by) == (due, due)
    office.do(desk.resume, request, request.rights[0])
    assert request.rights[0].status == "open"


def test_invoices_of_a_paid_licence_are_kept_and_the_rest_is_deleted(office):
    request = office.is_written_to(Right.DELETE)
    office.do(desk.verify_identity, request, THREE_POINTS)

    office.do(
        desk.complete_in_part,
        request,
        request.rights[0],
        done="The account and the messages are deleted.",
        not_done="Quotes and invoices of the licence.",
        reasons=[Reason(Code.TAX_DOCUMENTS, "They are kept for the tax office.")],
    )

    assert request.status == "partly"
    assert [reason["code"] for reason in request.rights[0].reasons] == ["tax_documents"]


def test_deletion_may_be_refused_against_fraud(office):
    assert Code.FRAUD_PREVENTION in codes_for(Right.DELETE)


def test_a_use_is_switched_off_by_who_is_signed_in(office):
    request = office.is_written_to(Right.SWITCH_PURPOSE)

    office.do(desk.verify_identity, request, Evidence(Method.ACCOUNT))
    office.do(desk.complete, request, request.rights[0], done="No more newsletters.")

    assert request.status == "completed"


def test_dates_are_those_of_the_business_in_india(office):
    request = office.is_called(Right.DELETE)

    assert request.received_on == date(2026, 11, 21)
    assert request.business.notify_address == "data.protection@optimizory.example"


@pytest.fixture
def office(open_office):
    return open_office(
        "Optimizory", "4500", "data.protection@optimizory.example", time_zone="Asia/Kolkata"
    )
