"""A letter that was sent: as it was shown, once, unchanged for ever, and not to be called back."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from desks import DAY
from letters_written import CONTACT, bounce, draft, draft_now
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from voiceline import desk as verbs
from voiceline.desk import Dispatch, Means
from voiceline.errors import DateError, OvertakenError, UndoError, UserError
from voiceline.letters import appeals_of, compose, letters_of, offers
from voiceline.models import AuditEntry, Delivery, DeliveryKind, EventKind, Letter, Requester
from voiceline.rules.letters import LetterKind, Way
from voiceline.rules.lifecycle import DeliveryStatus, RequestStatus
from voiceline.rules.rights import Right

K = LetterKind


def test_letter_by_email_is_owed_once(desk):
    reachable(desk)
    written = draft(desk, K.DENIED)

    send(desk, written)

    (letter,), (owed,) = all_of(desk, Letter), all_of(desk, Delivery)
    composed = compose(written)
    assert (letter.subject, letter.text, letter.sha256) == (
        composed.subject,
        composed.text,
        composed.sha256,
    )
    assert (letter.way, letter.address, letter.sent_on) == (
        Way.EMAIL,
        "maria@example.com",
        date(2026, 11, 21),
    )
    assert (owed.kind, owed.address, owed.letter_id) == (
        DeliveryKind.LETTER,
        "maria@example.com",
        letter.id,
    )
    assert owed.facts == {"reply_to": CONTACT}


def test_letter_is_in_history_and_trail(desk):
    send(desk, draft(desk, K.DENIED), Way.POST)

    (letter,) = all_of(desk, Letter)
    event = max(desk.request.events, key=lambda each: each.kind == EventKind.LETTER_SENT)
    newest = desk.session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc())).first()
    assert event.facts["letter"] == str(letter.id)
    assert event.facts["way"] == "post"
    assert newest.action == "request.letter_sent"
    assert letter.sha256 in newest.facts


def test_letter_by_post_is_no_delivery(desk):
    send(desk, draft(desk, K.DENIED), Way.POST, sent_on=date(2026, 11, 21))

    (letter,) = all_of(desk, Letter)
    assert (letter.way, letter.address) == (Way.POST, None)
    assert not all_of(desk, Delivery)


def test_without_an_address_no_email_is_sent(desk):
    with pytest.raises(UserError, match="no e-mail address"):
        send(desk, draft(desk, K.DENIED))


@pytest.mark.parametrize(
    ("day", "says"),
    [(date(2026, 11, 22), "still to come"), (date(2026, 11, 20), "before the request came")],
)
def test_day_of_posting_is_a_day_it_can_be(desk, day, says):
    with pytest.raises(DateError, match=says):
        send(desk, draft(desk, K.DENIED), Way.POST, sent_on=day)


def test_another_letter_than_was_shown_is_not_sent(desk):
    written = draft(desk, K.DENIED)
    shown = compose(written).sha256
    desk.request.requester = Requester(business_id=desk.request.business_id, name="Maria")
    desk.session.flush()

    with pytest.raises(UserError, match="another one by now"):
        desk.do(verbs.send_letter, written, Dispatch(Way.POST, shown))

    assert not all_of(desk, Letter)


def test_second_press_of_the_button_is_overtaken(desk):
    written = draft(desk, K.DENIED)
    clerk = desk.clerk()
    dispatch = Dispatch(Way.POST, compose(written).sha256)
    verbs.send_letter(desk.session, desk.request, clerk, written, dispatch)

    with pytest.raises(OvertakenError, match="letter sent"):
        verbs.send_letter(desk.session, desk.request, clerk, written, dispatch)

    assert len(all_of(desk, Letter)) == 1


def test_acknowledgement_confirms_receipt(desk):
    reachable(desk)

    send(desk, draft(desk, K.ACKNOWLEDGEMENT))

    assert desk.request.status == RequestStatus.ACKNOWLEDGED
    assert desk.request.acknowledged_how == "email"
    kinds = [event.kind for event in desk.request.events]
    assert kinds.count(EventKind.ACKNOWLEDGED) == kinds.count(EventKind.LETTER_SENT) == 1


def test_posted_acknowledgement_counts_from_its_day(desk):
    desk.wait(6 * DAY)
    written = draft(desk, K.ACKNOWLEDGEMENT)

    send(desk, written, Way.POST, sent_on=date(2026, 11, 24))

    desk.session.refresh(desk.request)
    noted = next(each for each in desk.request.events if each.kind == EventKind.ACKNOWLEDGED)
    assert desk.request.acknowledged_at == datetime(2026, 11, 24, 20, tzinfo=UTC)
    assert noted.at == desk.at


def test_posted_on_its_day_is_not_before_receipt(desk):
    desk.wait(DAY)

    send(desk, draft(desk, K.ACKNOWLEDGEMENT), Way.POST, sent_on=desk.request.received_on)

    assert desk.request.acknowledged_at >= desk.request.received_at


def test_refused_acknowledgement_is_owed_again(desk):
    reachable(desk)
    send(desk, draft(desk, K.ACKNOWLEDGEMENT))
    (before,) = [each for each in offered(desk) if each.kind == K.ACKNOWLEDGEMENT]

    bounce(desk)

    (after,) = [each for each in offered(desk) if each.kind == K.ACKNOWLEDGEMENT]
    assert before.owed_by is None
    assert after.owed_by == desk.request.acknowledge_by == date(2026, 12, 4)


def test_acknowledgement_after_a_refused_one_confirms(desk):
    reachable(desk)
    send(desk, draft(desk, K.ACKNOWLEDGEMENT))
    bounce(desk)
    desk.wait(2 * DAY)

    send(desk, draft_now(desk, K.ACKNOWLEDGEMENT), Way.POST)

    (offer,) = [each for each in offered(desk) if each.kind == K.ACKNOWLEDGEMENT]
    assert (offer.owed_by, offer.sent.way) == (None, Way.POST)
    assert desk.request.acknowledged_at == desk.at
    assert desk.request.acknowledged_how == "letter"


def test_receipt_heard_outlives_a_refused_letter(desk):
    reachable(desk)
    desk.do(verbs.acknowledge, how=Means.PHONE)
    desk.wait(DAY)
    send(desk, draft_now(desk, K.ACKNOWLEDGEMENT))

    bounce(desk)

    (offer,) = [each for each in offered(desk) if each.kind == K.ACKNOWLEDGEMENT]
    assert offer.owed_by is None


def test_what_a_letter_told_cannot_be_undone(desk):
    send(desk, draft(desk, K.DENIED), Way.POST)

    with pytest.raises(UndoError, match="on its way"):
        desk.do(verbs.undo)


def test_database_refuses_to_change_a_letter(desk):
    send(desk, draft(desk, K.DENIED), Way.POST)
    desk.session.commit()

    with pytest.raises(DatabaseError, match="stays as it was sent"):
        desk.session.execute(text("update letter set text = 'All is granted.'"))


def test_owed_until_it_is_sent(desk):
    written = draft(desk, K.DENIED)
    (before,) = outcome_offers(desk)

    send(desk, written, Way.POST)

    (after,) = outcome_offers(desk)
    assert (before.owed_by, before.sent) == (date(2027, 1, 5), None)
    assert after.owed_by is None
    assert after.sent is not None
    assert not before.is_late(date(2027, 1, 5))
    assert before.is_late(date(2027, 1, 6))


def test_refused_email_leaves_the_letter_owed(desk):
    reachable(desk)
    send(desk, draft(desk, K.DENIED))

    bounce(desk)

    (offer,) = outcome_offers(desk)
    assert all_of(desk, Delivery)[0].status == DeliveryStatus.FAILED
    assert offer.owed_by == date(2027, 1, 5)


def test_answer_of_a_reopened_right_is_owed_again(desk):
    send(desk, draft(desk, K.REDIRECTED), Way.POST)
    desk.wait(2 * DAY)
    desk.do(verbs.reopen, desk.right(), because="It is our own data after all.")
    desk.do(verbs.redirect, desk.right(), controller="Optimer Inc.")

    (offer,) = outcome_offers(desk)

    assert offer.owed_by is not None


def test_extension_is_owed_by_the_first_date(desk):
    draft(desk, K.EXTENSION)

    (offer,) = [each for each in offered(desk) if each.kind == K.EXTENSION]

    assert offer.owed_by == desk.right().respond_by == date(2027, 1, 5)
    assert desk.right().due_by == date(2027, 1, 5)


@pytest.mark.parametrize(("days", "owed_by"), [(45, None), (46, "2027-01-05")])
def test_extension_sent_late_is_noted_as_late(desk, days, owed_by):
    draft(desk, K.EXTENSION)
    desk.wait(days * DAY)

    event = send(desk, draft_now(desk, K.EXTENSION), Way.POST)

    assert event.facts.get("owed_by") == owed_by


def test_opt_out_owes_no_letter_once_it_is_done(desk):
    desk.asks(Right.OPT_OUT)
    desk.do(verbs.complete, desk.right(), done="The account is marked.")

    (offer,) = outcome_offers(desk)

    assert offer.owed_by is None
    assert K.IDENTITY_ASKED not in {each.kind for each in offered(desk)}


def test_decided_appeal_owes_a_letter(desk):
    draft(desk, K.APPEAL_REVERSED)

    (offer,) = [each for each in offered(desk) if each.kind == K.APPEAL_REVERSED]
    send(desk, draft_now(desk, K.APPEAL_REVERSED), Way.POST)

    (sent,) = [each for each in offered(desk) if each.kind == K.APPEAL_REVERSED]
    assert offer.owed_by is not None
    assert sent.sent is not None


def reachable(desk) -> None:
    desk.request.requester = Requester(
        business_id=desk.request.business_id, name="Maria", email="maria@example.com"
    )
    desk.session.flush()


def send(desk, written, way=Way.EMAIL, **facts):
    dispatch = Dispatch(way, compose(written).sha256, **facts)
    return desk.do(verbs.send_letter, written, dispatch)


def offered(desk):
    request = draft_now(desk, K.ACKNOWLEDGEMENT).request
    session = desk.session
    return offers(request, letters_of(session, request), appeals_of(session, request))


def outcome_offers(desk):
    outcomes = {K.COMPLETED, K.PARTLY, K.DENIED, K.REDIRECTED, K.DEFERRED}
    return [each for each in offered(desk) if each.kind in outcomes]


def all_of(desk, table):
    return desk.session.scalars(select(table)).all()
