"""Mail that was given up: owed again for our reasons, once each, and nothing that was overtaken."""

from __future__ import annotations

from datetime import timedelta

import pytest
from desks import DAY, Desk
from factories import AT, make_business, make_code, make_user
from letters_written import draft, draft_now
from sqlalchemy import select

from voiceline import desk as verbs
from voiceline.deliveries import Owed, count_lost, owe
from voiceline.desk import Dispatch
from voiceline.letters import compose
from voiceline.lost_mail import lost_mail, owe_again
from voiceline.models import (
    ActorKind,
    AuditEntry,
    Delivery,
    DeliveryKind,
    EventKind,
    Requester,
    RequestEvent,
)
from voiceline.rules.deadlines import received_on
from voiceline.rules.letters import LetterKind, Way
from voiceline.rules.lifecycle import DeliveryStatus

K = DeliveryKind
ADDRESS = "maria@example.com"
RCPT = "the mail server refused every recipient with"
UNADMITTED = f"{RCPT} 530"
NOBODY = f"{RCPT} 550 5.1.1"


@pytest.mark.parametrize(
    "reason",
    [
        UNADMITTED,
        f"{RCPT} 554",
        f"{RCPT} 554 5.7.1 because of us (check it relays for us)",
        f"{RCPT} 550 because of us (check it relays for us)",
        f"{RCPT} 451",
        "the mail server refused the message with 554 5.7.1",
        "the mail server refused our password with 535",
    ],
)
def test_lost_for_a_reason_of_ours_is_owed_again(desk, reason):
    delivery = lose(desk, a_letter(desk), reason)

    found = again(desk)

    assert found == [True]
    assert delivery.status == DeliveryStatus.PENDING
    assert (delivery.due_at, delivery.finished_at, delivery.attempts) == (desk.at, None, 0)
    assert count_lost(desk.session, at=desk.at)[0] == 0


@pytest.mark.parametrize("reason", [NOBODY, f"{RCPT} 550", f"{RCPT} 553", f"{RCPT} 554 5.1.1"])
def test_refused_address_waits_to_be_asked_for(desk, reason):
    delivery = lose(desk, a_letter(desk), reason)

    unasked = again(desk)
    status = delivery.status
    asked = again(desk, addresses=True)

    assert (unasked, status) == ([], DeliveryStatus.FAILED)
    assert (asked, delivery.status) == ([True], DeliveryStatus.PENDING)


def test_crash_of_ours_is_a_reason_of_ours(desk):
    delivery = lose(desk, a_letter(desk), "unexpected KeyError", attempts=1500)

    assert again(desk) == [True]
    assert delivery.status == DeliveryStatus.PENDING


@pytest.mark.parametrize(
    ("reason", "attempts"),
    [
        ("there is nothing to tell", 1),
        ("the mail server took the message, but not every recipient", 9),
    ],
)
def test_what_nobody_misses_stays_given_up(desk, reason, attempts):
    lose(desk, a_letter(desk), reason, attempts=attempts)

    assert again(desk, addresses=True) == []


def test_second_time_does_nothing(desk):
    lose(desk, a_letter(desk), UNADMITTED)

    first, second = again(desk), again(desk)

    assert (first, second) == ([True], [])


def test_loss_before_the_day_is_left(desk):
    lose(desk, a_letter(desk), UNADMITTED)

    desk.wait(8 * DAY)

    assert again(desk) == []
    assert again(desk, since=AT - DAY) == [True]


def test_letter_that_was_sent_again_since_is_left(desk):
    delivery = lose(desk, a_letter(desk), UNADMITTED)
    desk.wait(DAY)
    send(desk, draft_now(desk, LetterKind.DENIED))

    assert again(desk) == [False]
    assert (delivery.status, delivery.last_error) == (DeliveryStatus.FAILED, UNADMITTED)


def test_of_two_letters_that_say_the_same_the_newer_goes(desk):
    older = lose(desk, a_letter(desk), UNADMITTED)
    desk.wait(DAY)
    send(desk, draft_now(desk, LetterKind.DENIED))
    newest = select(Delivery).order_by(Delivery.created_at.desc()).limit(1)
    newer = lose(desk, desk.session.scalars(newest).one(), UNADMITTED)

    assert again(desk) == [True, False]
    assert [each.status for each in (newer, older)] == [
        DeliveryStatus.PENDING,
        DeliveryStatus.FAILED,
    ]


def test_letter_of_an_answer_that_is_no_more_is_left(desk):
    lose(desk, a_letter(desk), UNADMITTED)
    desk.wait(2 * DAY)
    desk.do(verbs.reopen, desk.right(), because="It is our own data after all.")

    assert again(desk) == [False]


@pytest.mark.parametrize("kind", [K.LETTER, K.RECEIPT])
def test_nothing_goes_to_an_address_that_is_another_now(desk, kind):
    lose(desk, a_letter(desk) if kind == K.LETTER else a_message(desk, kind), UNADMITTED)
    desk.request.requester.email = "maria@example.net"

    assert again(desk) == [False]


def test_link_that_was_sent_again_since_is_left(desk):
    lose(desk, a_message(desk, K.EMAIL_LINK), UNADMITTED)
    desk.wait(DAY)
    a_message(desk, K.EMAIL_LINK)

    assert again(desk) == [False]


def test_mail_to_colleagues_is_left_to_its_writer(desk):
    lose(desk, a_message(desk, K.DEADLINES, address="alice@example.com"), UNADMITTED)

    assert again(desk) == [True]


def test_what_somebody_owes_again_meanwhile_is_owed_once(desk):
    delivery = lose(desk, a_message(desk, K.DEADLINES), UNADMITTED)

    assert owe_again(desk.session, delivery.id, at=desk.at)
    assert owe_again(desk.session, delivery.id, at=desk.at) is None


def test_answer_counts_as_told_when_its_letter_goes_after_all(desk):
    delivery = come_back(desk, a_letter(desk))
    untold = desk.right().told_on
    desk.wait(3 * DAY)

    again(desk)

    assert untold is None
    assert desk.right().told_on == local_day(desk)
    assert desk.right().tell_by is None
    assert desk.request.watch_by is None
    assert sent_on(desk)[-1] == str(local_day(desk))
    assert delivery.letter.sent_on < local_day(desk)


def test_receipt_is_confirmed_when_its_letter_goes_after_all(desk):
    send(desk, draft(desk, LetterKind.ACKNOWLEDGEMENT))
    come_back(desk, desk.session.scalars(select(Delivery)).one())
    unconfirmed = desk.request.acknowledged_at
    desk.wait(DAY)

    again(desk)

    assert unconfirmed is None
    assert desk.request.acknowledged_at == desk.at


@pytest.mark.parametrize("kind", [LetterKind.ACKNOWLEDGEMENT, LetterKind.EXTENSION])
def test_letter_that_comes_back_twice_is_untold_twice(desk, kind):
    send(desk, draft(desk, kind))
    delivery = come_back(desk, desk.session.scalars(select(Delivery)).one())
    desk.wait(DAY)
    again(desk)
    told = (desk.request.acknowledged_at, desk.right().extended_told_on)

    come_back(desk, delivery)

    assert any(told)
    assert (desk.request.acknowledged_at, desk.right().extended_told_on) == (None, None)


def test_extension_is_not_told_after_the_first_date(desk):
    send(desk, draft(desk, LetterKind.EXTENSION))
    desk.wait(60 * DAY)
    come_back(desk, desk.session.scalars(select(Delivery)).one())

    assert again(desk) == [False]
    assert desk.right().extended_told_on is None


def test_trail_says_that_the_operator_sent_it_again(desk):
    come_back(desk, a_letter(desk))

    again(desk)

    newest = desk.session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc())).first()
    assert (newest.action, newest.actor_kind) == ("request.letter_sent", ActorKind.OPERATOR)


def again(desk, *, since=None, **facts):
    """Owe again what was lost in the last seven days; answer what became of each."""
    since = since or desk.at - timedelta(days=7)
    found = lost_mail(desk.session, since=since, **facts)
    return [owe_again(desk.session, each, at=desk.at) for each in found]


def come_back(desk, delivery):
    """Lose the letter as the job does."""
    lose(desk, delivery, UNADMITTED)
    verbs.take_back(desk.session, delivery.letter, desk.at)
    desk.session.flush()
    return delivery


def local_day(desk):
    return received_on(desk.at, desk.request.business.time_zone)


def sent_on(desk):
    events = desk.session.scalars(select(RequestEvent).order_by(RequestEvent.at)).all()
    return [each.facts["sent_on"] for each in events if each.kind == EventKind.LETTER_SENT]


def lose(desk, delivery, reason, *, attempts=1):
    delivery.attempts = attempts
    delivery.fail(reason, desk.at)
    desk.session.flush()
    return delivery


def a_letter(desk):
    """Answer what is owed of a letter that tells of a refusal."""
    send(desk, draft(desk, LetterKind.DENIED))
    return desk.session.scalars(select(Delivery)).one()


def send(desk, written):
    desk.do(verbs.send_letter, written, Dispatch(Way.EMAIL, compose(written).sha256))


def a_message(desk, kind, address=ADDRESS):
    """Answer another message about the request."""
    known = len(desk.session.scalars(select(Delivery)).all())
    owed = Owed(kind, f"{kind}/{known}", desk.request.business_id, address, desk.request.id)
    (new,) = owe(desk.session, [owed], at=desk.at)
    return desk.session.get_one(Delivery, new)


@pytest.fixture
def desk(session):
    code = make_code(session, make_business(session))
    made = Desk(session, code, make_user(session))
    made.request.requester = Requester(business_id=code.business_id, name="Maria", email=ADDRESS)
    session.flush()
    return made
