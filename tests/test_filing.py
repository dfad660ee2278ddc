"""The call that left a message becomes one privacy request, whatever comes twice or late."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import lines
import pytest
from sqlalchemy import func, select

from voiceline import filing, intake
from voiceline.audit import OPERATOR
from voiceline.businesses import assign_code, open_business
from voiceline.models import Delivery, PrivacyRequest, RequestEvent, ServiceCode
from voiceline.rules.deadlines import deadlines_for, received_on
from voiceline.rules.lifecycle import RequestStatus
from voiceline.rules.references import is_reference
from voiceline.rules.retention import AccountTier
from voiceline.rules.rights import Right

AT = datetime(2026, 11, 20, 20, tzinfo=UTC)
SPOKEN = AT + timedelta(minutes=1)
LATER = AT + timedelta(days=3)
CALL = "CA1"


def test_a_request_is_filed_once_with_its_clocks(session):
    call = _begin(session, "4021", right=Right.DELETE)

    ids = {filing.file_request(session, call, received_at=SPOKEN, at=LATER) for _ in range(3)}

    (request,) = session.scalars(select(PrivacyRequest)).all()
    (delivery,) = session.scalars(select(Delivery)).all()
    assert ids == {request.id}
    assert (request.received_at, request.filed_at) == (SPOKEN, LATER)
    assert (request.received_on, request.respond_by) == (date(2026, 11, 20), date(2027, 1, 4))
    assert [right.right for right in request.rights] == [Right.DELETE]
    assert delivery.address == "privacy@acme.example"


def test_a_business_without_an_address_is_owed_no_mail(session):
    call = _begin(session, "3077")

    filing.file_request(session, call, received_at=SPOKEN, at=SPOKEN)

    assert session.scalar(select(func.count()).select_from(Delivery)) == 0


@pytest.mark.parametrize(
    ("zone", "received"),
    [
        ("America/Los_Angeles", date(2026, 11, 20)),
        ("Europe/Berlin", date(2026, 11, 20)),
        ("Asia/Tokyo", date(2026, 11, 21)),
    ],
)
def test_a_day_of_receipt_is_a_day_of_the_business(session, zone, received):
    business = open_business(
        session, name="Far Away", tier=AccountTier.ENTERPRISE, at=AT, time_zone=zone
    )
    assign_code(session, business, "5555", by=OPERATOR, at=AT)
    call = _begin(session, "5555")

    filing.file_request(session, call, received_at=SPOKEN, at=SPOKEN)

    assert filing.request_of(session, call).received_on == received


def test_the_request_has_the_reference_the_caller_heard(session):
    call = _begin(session, "4021")
    told = filing.allot_reference(session, call)

    filing.file_request(session, call, received_at=SPOKEN, at=SPOKEN)

    assert is_reference(told)
    assert filing.find_by_reference(session, told).call_id == call.id
    assert filing.allot_reference(session, call) == told


def test_a_reference_somebody_else_gave_is_the_one_told(services):
    with services.sessions.begin() as view:
        stale = _begin(view, "4021")

    with services.sessions.begin() as job:
        filing.file_request(job, intake.find_call(job, CALL), received_at=SPOKEN, at=SPOKEN)
    with services.sessions.begin() as view:
        view.add(stale)
        told = filing.allot_reference(view, stale)
        assert filing.find_by_reference(view, told) is not None


def test_a_taken_reference_is_drawn_again(session, monkeypatch):
    drawn = iter(["123456789", "123456789", "987654321"])
    monkeypatch.setattr(filing, "new_reference", lambda _chance: next(drawn))
    first, second = _begin(session, "4021"), _begin(session, "4021", carrier_id="CA2")

    told = [filing.allot_reference(session, call) for call in (first, second)]

    assert told == ["123456789", "987654321"]


@pytest.mark.parametrize("filed_first", [True, False])
def test_a_heard_receipt_acknowledges_in_either_order(session, filed_first):
    call = _begin(session, "4021")

    if filed_first:
        filing.file_request(session, call, received_at=SPOKEN, at=SPOKEN)
    filing.hear_receipt(session, call, prompts_version="es/7", at=SPOKEN)
    filing.file_request(session, call, received_at=SPOKEN, at=LATER)

    request = filing.request_of(session, call)
    assert request.status == RequestStatus.ACKNOWLEDGED
    assert (request.acknowledged_at, request.acknowledged_how) == (SPOKEN, "oral/es/7")


def test_a_receipt_heard_twice_acknowledges_once(session):
    call = _begin(session, "4021")
    filing.file_request(session, call, received_at=SPOKEN, at=SPOKEN)

    for at in (SPOKEN, LATER):
        filing.hear_receipt(session, call, prompts_version="en/1", at=at)
    session.flush()

    kinds = session.scalars(select(RequestEvent.kind).order_by(RequestEvent.at)).all()
    assert sorted(kinds) == ["acknowledged", "filed"]
    assert call.receipt_heard_at == SPOKEN


@pytest.mark.parametrize("apart", [timedelta(seconds=20), timedelta(days=1)])
def test_the_clock_runs_from_what_was_said_first(session, apart):
    call = _begin(session, "4021")

    for received_at in (SPOKEN, SPOKEN - apart, SPOKEN):
        filing.file_request(session, call, received_at=received_at, at=LATER)

    request = filing.request_of(session, call)
    assert request.received_at == SPOKEN - apart
    day = received_on(SPOKEN - apart, request.business.time_zone)
    dates = deadlines_for(None, day)
    assert (request.received_on, request.respond_by) == (day, dates.respond_by)
    assert [asked.dates() for asked in request.rights] == [dates]


def test_a_right_not_yet_written_down_is_filed_all_the_same(session):
    call = _begin(session, "4021")
    call.right = Right.OPT_OUT

    filing.file_request(session, call, received_at=SPOKEN, at=SPOKEN)

    assert [right.right for right in filing.request_of(session, call).rights] == [Right.OPT_OUT]


def _begin(session, code, *, carrier_id=CALL, right=None):
    found = session.scalars(select(ServiceCode).where(ServiceCode.code == code)).one()
    call = intake.begin_call(session, carrier_id=carrier_id, service_code=found, at=AT)
    if right:
        call.right = right
    session.flush()
    return call


@pytest.fixture(autouse=True)
def _accounts(services):
    lines.open_accounts(services)
