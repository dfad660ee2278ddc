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
from voiceline.lost_mail import owe_again
from voiceline.models import Delivery, DeliveryKind, Requester
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

    batch = again(desk)

    assert (batch.owed, batch.overtaken) == (1, 0)
    assert delivery.status == DeliveryStatus.PENDING
    assert (delivery.due_at, delivery.finished_at, delivery.attempts) == (desk.at, None, 0)
    assert count_lost(desk.session, at=desk.at)[0] == 0


@pytest.mark.parametrize("reason", [NOBODY, f"{RCPT} 550", f"{RCPT} 553", f"{RCPT} 554 5.1.1"])
def test_refused_address_waits_to_be_asked_for(desk, reason):
    delivery = lose(desk, a_letter(desk), reason)

    unasked = again(desk)
    status = delivery.status
    asked = again(desk, addresses=True)

    assert (unasked.owed, status) == (0, DeliveryStatus.FAILED)
    assert (asked.owed, delivery.status) == (1, DeliveryStatus.PENDING)


def test_crash_of_ours_is_a_reason_of_ours(desk):
    delivery = lose(desk, a_letter(desk), "unexpected KeyError", attempts=1500)

    assert again(desk).owed == 1
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

    assert again(desk, addresses=True).last is None


def test_second_time_does_nothing(desk):
    lose(desk, a_letter(desk), UNADMITTED)

    first, second = again(desk), again(desk)

    assert (first.owed, second.owed, second.overtaken) == (1, 0, 0)


def test_loss_before_the_day_is_left(desk):
    lose(desk, a_letter(desk), UNADMITTED)

    desk.wait(8 * DAY)

    assert again(desk).last is None
    assert again(desk, since=AT - DAY).owed == 1


def test_letter_that_was_sent_again_since_is_left(desk):
    delivery = lose(desk, a_letter(desk), UNADMITTED)
    desk.wait(DAY)
    send(desk, draft_now(desk, LetterKind.DENIED))

    batch = again(desk)

    assert (batch.owed, batch.overtaken) == (0, 1)
    assert (delivery.status, delivery.last_error) == (DeliveryStatus.FAILED, UNADMITTED)


def test_letter_of_an_answer_that_is_no_more_is_left(desk):
    lose(desk, a_letter(desk), UNADMITTED)
    desk.wait(2 * DAY)
    desk.do(verbs.reopen, desk.right(), because="It is our own data after all.")

    batch = again(desk)

    assert (batch.owed, batch.overtaken) == (0, 1)


@pytest.mark.parametrize("kind", [K.LETTER, K.RECEIPT])
def test_nothing_goes_to_an_address_that_is_another_now(desk, kind):
    lose(desk, a_letter(desk) if kind == K.LETTER else a_message(desk, kind), UNADMITTED)
    desk.request.requester.email = "maria@example.net"

    batch = again(desk)

    assert (batch.owed, batch.overtaken) == (0, 1)


def test_link_that_was_sent_again_since_is_left(desk):
    lose(desk, a_message(desk, K.EMAIL_LINK), UNADMITTED)
    desk.wait(DAY)
    a_message(desk, K.EMAIL_LINK)

    batch = again(desk)

    assert (batch.owed, batch.overtaken) == (0, 1)


def test_mail_to_colleagues_is_left_to_its_writer(desk):
    lose(desk, a_message(desk, K.DEADLINES, address="alice@example.com"), UNADMITTED)

    assert again(desk).owed == 1


def test_pieces_hold_each_message_once(desk):
    for _ in range(5):
        lose(desk, a_message(desk, K.DEADLINES), UNADMITTED)

    owed, after = [], None
    while (batch := again(desk, after=after, limit=2)).last is not None:
        owed.append(batch.owed)
        after = batch.last

    assert owed == [2, 2, 1]


def again(desk, *, since=None, **facts):
    """Owe again what was lost in the last seven days."""
    since = since or desk.at - timedelta(days=7)
    return owe_again(desk.session, since=since, at=desk.at, **facts)


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
