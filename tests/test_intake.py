"""From a keyed code to a filed privacy request: each verb may run again, late and out of order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import lines
import pytest
from lines import DEDICATED
from sqlalchemy import func, select

from voiceline import intake
from voiceline.models import ServiceCode, Voicemail
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.rules.rights import Right

AT = datetime(2026, 11, 20, 20, tzinfo=UTC)
SPOKEN = AT + timedelta(minutes=1)
LATER = AT + timedelta(days=3)
CALL, FIRST, SECOND = "CA1", "RE1", "RE2"


@pytest.mark.parametrize(
    ("move", "found"),
    [
        (lambda _: None, True),
        (lambda code: code.business.suspend(), False),
        (lambda code: code.business.close(), False),
        (lambda code: setattr(code, "withdrawn_at", AT - timedelta(days=1)), False),
        (lambda code: setattr(code.business, "trial_ends_at", AT - timedelta(seconds=1)), False),
        (lambda code: setattr(code.business, "trial_ends_at", AT), True),
    ],
    ids=["active", "suspended", "closed", "withdrawn", "trial over", "trial's last moment"],
)
def test_a_code_answers_while_somebody_answers_for_it(session, move, found):
    move(_code(session, "3077"))
    session.flush()

    by_code = intake.find_code(session, "3077", AT)
    by_number = intake.find_dedicated(session, DEDICATED, AT)

    assert (by_code is not None) == (by_number is not None) == found


def test_a_code_is_not_a_number(session):
    assert intake.find_code(session, "04021", AT) is None
    assert intake.find_code(session, "4021.0", AT) is None
    assert intake.find_code(session, "", AT) is None


def test_a_call_told_of_twice_is_one_call(session):
    first = _begin(session, "4021")

    again = _begin(session, "4021", at=LATER)

    assert again.id == first.id
    assert again.started_at == AT


def test_another_code_moves_the_call(session):
    _begin(session, "4021", right=Right.DELETE)

    moved = _begin(session, "3077")

    assert (moved.service_code.code, moved.right) == ("3077", None)


def test_the_same_code_again_keeps_the_keyed_right(session):
    _begin(session, "4021", right=Right.DELETE)

    again = _begin(session, "4021")

    assert again.right == Right.DELETE


def test_a_recorded_call_is_not_moved_any_more(session):
    _begin(session, "4021")
    _receive(session, FIRST)

    again = _begin(session, "3077")

    assert again.service_code.code == "4021"


def test_no_code_means_the_operators_queue(session):
    call = _begin(session, None)

    assert call.unassigned
    assert call.service_code.code == "1"


def test_a_caller_is_kept_as_the_carrier_named_them(session):
    known = _begin(session, "4021", from_number="+14155550123")
    hidden = _begin(session, "4021", carrier_id="CA2", from_number="+266696687")

    assert (known.caller_id, known.caller_unknown_because) == ("+14155550123", None)
    assert (hidden.caller_id, hidden.caller_unknown_because) == (None, "withheld")


def test_a_recording_told_of_twice_is_one_voicemail(session):
    _begin(session, "4021")

    told = [_receive(session, FIRST, seconds=seconds) for seconds in (7, 9, 7)]

    (voicemail,) = session.scalars(select(Voicemail)).all()
    assert told == [voicemail.id, None, None]
    assert voicemail.claimed_seconds == 7


def test_a_recording_of_an_unknown_call_is_not_taken(session):
    assert _receive(session, FIRST) is None
    assert session.scalar(select(func.count()).select_from(Voicemail)) == 0


def test_a_voicemail_belongs_to_the_business_of_its_call(session):
    call = _begin(session, "3077")

    _receive(session, FIRST)

    assert intake.find_voicemail(session, FIRST).business_id == call.business_id


def test_nobody_speaks_before_the_call_began(session):
    _begin(session, "4021")

    _receive(session, FIRST, recorded_at=datetime(1970, 1, 1, tzinfo=UTC))

    assert intake.find_voicemail(session, FIRST).recorded_at == AT


@pytest.mark.parametrize("order", [(1, 2), (2, 1)], ids=["in order", "the later first"])
def test_a_later_take_replaces_the_earlier(session, order):
    _begin(session, "4021")

    for take in order:
        _receive(session, f"RE{take}", take=take)

    assert _status(session, FIRST) == VoicemailStatus.REPLACED
    assert _status(session, SECOND) == VoicemailStatus.PENDING


def test_a_slip_of_the_finger_replaces_nothing(session):
    _begin(session, "4021")
    _receive(session, FIRST, take=1, seconds=60)

    _receive(session, SECOND, take=2, seconds=2)

    assert _status(session, FIRST) == _status(session, SECOND) == VoicemailStatus.PENDING


def test_two_recordings_of_one_take_both_stand(session):
    _begin(session, "4021")

    _receive(session, FIRST, take=1)
    _receive(session, SECOND, take=1)

    assert _status(session, FIRST) == _status(session, SECOND) == VoicemailStatus.PENDING


def _begin(session, code, *, carrier_id=CALL, at=AT, right=None, from_number=None):
    call = intake.begin_call(
        session,
        carrier_id=carrier_id,
        service_code=_code(session, code) if code else None,
        at=at,
        from_number=from_number,
    )
    if right:
        call.right = right
    session.flush()
    return call


def _code(session, code):
    return session.scalars(select(ServiceCode).where(ServiceCode.code == code)).one()


def _receive(session, carrier_id, *, take=None, seconds=7, recorded_at=SPOKEN):
    return intake.receive_voicemail(
        session,
        call_carrier_id=CALL,
        carrier_id=carrier_id,
        recorded_at=recorded_at,
        at=SPOKEN,
        take=take,
        claimed_seconds=seconds,
    )


def _status(session, carrier_id):
    session.flush()
    session.expire_all()
    return intake.find_voicemail(session, carrier_id).status


@pytest.fixture(autouse=True)
def _accounts(services):
    lines.open_accounts(services)
