from __future__ import annotations

from datetime import UTC, date, datetime

import lines
import pytest
from sqlalchemy import select

from voiceline import filing, intake
from voiceline.errors import JurisdictionError
from voiceline.filing import Asking
from voiceline.models import Channel, Requester, ResidenceSource, ServiceCode
from voiceline.rules.references import is_reference
from voiceline.rules.rights import Right, RightSource

LATE = datetime(2026, 11, 21, 7, 30, tzinfo=UTC)
"""Half past eleven in the evening of the twentieth, in California."""
NOW = datetime(2026, 11, 25, 18, tzinfo=UTC)


def test_a_letter_counts_from_the_day_it_came(session):
    request = filing.file_written(session, _code(session), _asking(), at=NOW)

    assert (request.received_on, request.filed_at) == (date(2026, 11, 20), NOW)
    assert request.respond_by == date(2027, 1, 4)
    assert is_reference(request.reference)
    assert request.requester.name == "Dana Diaz"


def test_each_right_asked_for_has_its_own_clock(session):
    asking = _asking(rights=(Right.DELETE, Right.OPT_OUT))

    request = filing.file_written(session, _code(session), asking, at=NOW)

    dates = {asked.right: asked.respond_by for asked in request.rights}
    assert dates[Right.OPT_OUT] < dates[Right.DELETE]
    assert request.respond_by == dates[Right.OPT_OUT]
    assert {asked.source for asked in request.rights} == {RightSource.CHOSEN}


def test_a_letter_that_names_no_right_waits_for_a_name(session):
    request = filing.file_written(session, _code(session), _asking(rights=()), at=NOW)

    assert [(asked.right, asked.source) for asked in request.rights] == [(None, None)]


def test_the_law_of_the_residence_applies(session):
    asking = _asking(residence="US-VA", residence_source=ResidenceSource.TOLD)

    request = filing.file_written(session, _code(session), asking, at=NOW)

    assert (request.residence, request.jurisdiction) == ("US-VA", "US-VA")


def test_a_place_that_does_not_exist_is_refused_whole(session):
    with pytest.raises(JurisdictionError):
        filing.file_written(session, _code(session), _asking(residence="US-XX"), at=NOW)

    session.flush()
    assert session.scalars(select(Requester)).all() == []


def test_no_two_have_a_reference_by_whichever_door(session, monkeypatch):
    drawn = iter(["123456789", "123456789", "987654321", "987654321", "192837465"])
    monkeypatch.setattr(filing, "new_reference", lambda _chance: next(drawn))
    call = intake.begin_call(session, carrier_id="CA1", service_code=_code(session), at=NOW)

    told = filing.allot_reference(session, call)
    written = [
        filing.file_written(session, _code(session), _asking(), at=NOW).reference for _ in range(2)
    ]

    assert [told, *written] == ["123456789", "987654321", "192837465"]


def _code(session):
    return session.scalars(select(ServiceCode).where(ServiceCode.code == "4021")).one()


def _asking(**facts):
    facts = {"rights": (Right.DELETE,)} | facts
    return Asking(
        channel=Channel.MAIL,
        language="en",
        received_at=LATE,
        source=RightSource.CHOSEN,
        requester=Requester(name="Dana Diaz", email="dana@example.com"),
        **facts,
    )


@pytest.fixture(autouse=True)
def _accounts(services):
    lines.open_accounts(services)
