"""What goes out, through a real mail server: once, in whole, and to nobody who may not know."""

from __future__ import annotations

from datetime import timedelta

import pytest
from desks import Desk as Clerks
from factories import make_call, make_member, make_request, make_user, make_voicemail
from letters_written import CONTACT, draft
from mailed import text_of
from rq.timeouts import JobTimeoutException, UnixSignalDeathPenalty
from servers.smtp import mail_server

from jobs import alerting, staff_messages
from jobs.claimed import now
from jobs.notify import notify
from jobs.queue import TIME_LIMITS
from voiceline import desk as verbs
from voiceline.adapters import smtp_mailer
from voiceline.adapters.smtp_mailer import SmtpMailer
from voiceline.desk import Dispatch
from voiceline.letters import compose
from voiceline.lost_mail import owe_again
from voiceline.models import (
    Business,
    Delivery,
    DeliveryKind,
    Membership,
    RaisedDeadline,
    Requester,
    RequestRecord,
    Role,
    ServiceCode,
    User,
)
from voiceline.morning import make_round
from voiceline.notices import choose, let_mail_hold_words, owe_notice
from voiceline.records import begin_record
from voiceline.rules.alerts import NOTHING, Wanted, next_round
from voiceline.rules.letters import LetterKind, Way
from voiceline.rules.lifecycle import DeliveryStatus, VoicemailStatus
from voiceline.rules.metrics import Outcome

K = DeliveryKind
ALL = Wanted(**dict.fromkeys(vars(NOTHING), True))
SECRET = "Maria Moreno of 12 Elm Street wants out"


def test_letter_arrives_as_it_was_kept(desk, post, letter):
    notify(str(letter.id))

    (message,) = post.received
    held = desk.now(letter)
    assert message["To"] == "maria@example.com"
    assert message["Reply-To"] == CONTACT
    assert message["Message-ID"] == f"<{letter.id}@voiceline>"
    assert message["Subject"] == written(desk, letter).subject
    assert text_of(message).replace("\r\n", "\n") == written(desk, letter).text
    assert held.status == DeliveryStatus.DONE


@pytest.mark.parametrize(
    ("trouble", "status"),
    [
        ({"answers": {"DATA": "451 Try later"}}, DeliveryStatus.PENDING),
        ({"answers": {"MAIL": "421 Closing"}}, DeliveryStatus.PENDING),
        ({"answers": {"DATA": "554 No"}}, DeliveryStatus.FAILED),
        ({"answers": {"maria@example.com": "550 Nobody here"}}, DeliveryStatus.FAILED),
        ({"dies_in_data": "before"}, DeliveryStatus.PENDING),
        ({"seconds": 1.0}, DeliveryStatus.PENDING),
    ],
)
def test_trouble_loses_and_doubles_nothing(desk, post, letter, trouble, status):
    for name, value in trouble.items():
        setattr(post, name, value)

    notify(str(letter.id))

    held = desk.now(letter)
    assert held.status == status
    assert held.last_error
    assert "maria" not in held.last_error
    assert (held.due_at is None) == (status == DeliveryStatus.FAILED)


def test_letter_goes_out_once_the_server_is_well(desk, post, letter):
    post.dies_in_data = "before"
    notify(str(letter.id))
    post.dies_in_data = ""

    notify(str(letter.id))
    notify(str(letter.id))

    assert len(post.received) == 1
    assert desk.now(letter).status == DeliveryStatus.DONE


def test_lost_answer_is_told_by_the_message_id(desk, post, letter):
    post.dies_in_data = "after"
    notify(str(letter.id))
    post.dies_in_data = ""

    notify(str(letter.id))

    assert [message["Message-ID"] for message in post.received] == [
        f"<{letter.id}@voiceline>",
        f"<{letter.id}@voiceline>",
    ]
    assert post.received[0].as_bytes() == post.received[1].as_bytes()


def test_lost_letter_that_is_owed_again_is_the_same_message(desk, post, letter):
    refused = "the mail server refused every recipient with 530"
    desk.change(letter, status=DeliveryStatus.FAILED, finished_at=now(), last_error=refused)
    for _ in range(2):
        with desk.services.sessions.begin() as session:
            owe_again(session, letter.id, at=now())
        notify(str(letter.id))

    (message,) = post.received
    assert message["Message-ID"] == f"<{letter.id}@voiceline>"
    assert desk.now(letter).status == DeliveryStatus.DONE


def test_hung_goodbye_ends_no_job_from_outside(desk, post, letter, monkeypatch):
    monkeypatch.setattr(smtp_mailer, "GOODBYE_SECONDS", 0.2)
    use(desk, SmtpMailer(post.host, post.port, starttls=False))
    post.goodbye_seconds = 60

    with UnixSignalDeathPenalty(10, JobTimeoutException):
        notify(str(letter.id))

    assert len(post.received) == 1
    assert desk.now(letter).status == DeliveryStatus.DONE


def test_slowest_talk_is_shorter_than_its_job():
    longest = smtp_mailer.TALK_SECONDS + smtp_mailer.GOODBYE_SECONDS

    assert longest + 5 < TIME_LIMITS["notify"]


def test_refused_server_is_tried_again(desk, letter):
    with mail_server() as server:
        host, port = server.host, server.port
    use(desk, SmtpMailer(host, port, starttls=False, timeout=2))

    notify(str(letter.id))

    assert desk.now(letter).status == DeliveryStatus.PENDING


def test_morning_says_it_all_in_its_first_line(desk, post, staff):
    owe_morning(desk, staff)

    send_all(desk)

    deadlines = of_kind(desk, post, K.DEADLINES)
    digest = of_kind(desk, post, K.DAILY_DIGEST)
    assert text_of(deadlines).splitlines()[0] == (
        "Acme Shoes, privacy requests: 1 overdue, 1 due in 5 days or less."
    )
    assert (
        deadlines["Subject"] == "Acme Shoes, privacy requests: 1 overdue, 1 due in 5 days or less."
    )
    assert (
        text_of(digest)
        .splitlines()[0]
        .startswith("Acme Shoes, privacy requests: 2 open, 1 overdue,")
    )
    assert deadlines["To"] == "alice@example.com"


def test_what_expires_is_told_with_the_way_to_keep_it(desk, post, staff):
    at = morning(desk, staff)
    with desk.services.sessions.begin() as session:
        code = session.get_one(ServiceCode, desk.code.id)
        for days in (5, 20, 25):
            call = make_call(session, code)
            kept = make_voicemail(session, call, status=VoicemailStatus.STORED)
            kept.keep_until(at + timedelta(days=days))
        make_round(session, staff.business_id, at=at)

    send_all(desk)

    mail = of_kind(desk, post, K.EXPIRING)
    lines = text_of(mail).splitlines()
    first = f"{at + timedelta(days=5):%a} {(at + timedelta(days=5)).day}"
    assert lines[0] == mail["Subject"]
    assert lines[0].startswith(f"Acme Shoes: 3 voicemails will expire, from {first} ")
    assert lines[2].startswith(f"  1 voicemail  within 8 days  from {first} ")
    assert lines[3].startswith("  2 voicemails  within 31 days  from ")
    assert "/requests/downloads?status=all&expires=31" in text_of(mail)


@pytest.mark.parametrize(
    ("took", "first", "second"),
    [
        ((), "0 answered this week.", "Nothing was answered in the last seven days."),
        (
            (3, 40),
            "2 answered this week.",
            "Days from receipt to the answer: 21.5 in the middle, 40 at the longest.",
        ),
    ],
)
def test_friday_says_what_was_answered_and_how_soon(desk, post, staff, took, first, second):
    friday = morning(desk, staff, weekday=4)
    for days in took:
        log_answer(desk, friday.date() - timedelta(days=2), days)
    with desk.services.sessions.begin() as session:
        make_round(session, staff.business_id, at=friday)

    send_all(desk)

    summary = of_kind(desk, post, K.FRIDAY_SUMMARY)
    lines = text_of(summary).splitlines()
    assert lines[0].endswith(first)
    assert summary["Subject"].endswith(first)
    assert lines[2].endswith(second)


def test_mail_holds_no_words_of_a_consumer(desk, post, staff):
    owe_new(desk, staff)
    owe_morning(desk, staff)

    send_all(desk)

    assert len(post.received) == 4
    assert not [each for each in post.received if "Maria" in each.as_string()]


def test_words_are_quoted_where_the_business_wants_it(desk, post, staff):
    with desk.services.sessions.begin() as session:
        business = session.get_one(Business, staff.business_id)
        user = session.get_one(User, staff.user_id)
        let_mail_hold_words(session, business, user, words=True, at=now())
    owe_new(desk, staff)

    send_all(desk)

    message = of_kind(desk, post, K.NEW_REQUEST)
    assert f"> {SECRET}" in text_of(message)


def test_who_left_is_sent_nothing_more(desk, post, staff):
    owe_morning(desk, staff)
    with desk.services.sessions.begin() as session:
        session.delete(session.get_one(Membership, staff.id))

    send_all(desk)

    assert not post.received
    assert {each.status for each in desk.rows(Delivery)} == {DeliveryStatus.FAILED}


def test_day_that_is_over_is_told_of_no_more(desk, post, staff, monkeypatch):
    owe_morning(desk, staff)
    later = morning(desk, staff) + timedelta(days=1)
    monkeypatch.setattr(staff_messages, "now", lambda: later)

    send_all(desk)

    (message,) = post.received
    assert "overdue" in message["Subject"]


def test_job_makes_the_rounds_that_are_due(desk, staff, monkeypatch):
    at = morning(desk, staff)
    monkeypatch.setattr(alerting, "services", lambda: desk.services)
    monkeypatch.setattr(alerting, "now", lambda: at)
    file_two(desk, staff, at)

    alerting.alert_staff()
    alerting.alert_staff()

    assert sorted(each.kind for each in desk.rows(Delivery)) == [K.DAILY_DIGEST, K.DEADLINES]
    assert len(desk.rows(RaisedDeadline)) == 2


def owe_morning(desk, staff) -> None:
    at = morning(desk, staff)
    file_two(desk, staff, at)
    with desk.services.sessions.begin() as session:
        make_round(session, staff.business_id, at=at)


def morning(desk, staff, weekday=None):
    """Answer the next morning of the business, as it would be now: Monday to Thursday, or that."""
    with desk.services.sessions() as session:
        zone = session.get_one(Business, staff.business_id).time_zone
    at = next_round(now(), zone)
    while at.weekday() >= 4 if weekday is None else at.weekday() != weekday:
        at += timedelta(days=1)
    return at + timedelta(minutes=5)


def file_two(desk, staff, at) -> None:
    with desk.services.sessions.begin() as session:
        for days in (-2, 4):
            made = make_request(session, session.get_one(ServiceCode, desk.code.id))
            made.watch_by = at.date() + timedelta(days=days)


def log_answer(desk, answered_on, days) -> None:
    with desk.services.sessions.begin() as session:
        came = now().replace(
            year=answered_on.year, month=answered_on.month, day=answered_on.day, hour=20
        ) - timedelta(days=days)
        code = session.get_one(ServiceCode, desk.code.id)
        made = make_request(session, code, received_at=came)
        begin_record(session, made, at=came)
        (record,) = session.query(RequestRecord).filter_by(request_id=made.id)
        record.outcome, record.answered_on = Outcome.COMPLIED, answered_on


def owe_new(desk, staff) -> None:
    with desk.services.sessions.begin() as session:
        made = make_request(session, session.get_one(ServiceCode, desk.code.id))
        made.requester = Requester(business_id=made.business_id, name="Maria", details=SECRET)
        session.flush()
        owe_notice(session, made, now())
        made.withdraw(at=now())


def send_all(desk) -> None:
    for delivery in desk.rows(Delivery):
        notify(str(delivery.id))


def of_kind(desk, post, kind):
    (owed,) = [each for each in desk.rows(Delivery) if each.kind == kind]
    (found,) = [each for each in post.received if str(owed.id) in each["Message-ID"]]
    return found


def written(desk, delivery):
    with desk.services.sessions() as session:
        return session.get_one(Delivery, delivery.id).letter


def use(desk, mailer) -> None:
    object.__setattr__(desk.services, "mailer", mailer)


@pytest.fixture
def post(desk):
    """A mail server, which the jobs send through."""
    with mail_server() as server:
        use(desk, SmtpMailer(server.host, server.port, starttls=False, timeout=0.7))
        yield server


@pytest.fixture
def staff(desk):
    """Alice's membership of Acme; she wants to be told everything."""
    with desk.services.sessions.begin() as session:
        business = session.get_one(Business, desk.code.business_id)
        make_member(session, business, make_user(session), Role.AGENT)
        (member,) = session.query(Membership).all()
        choose(session, member, ALL, at=now())
        return member


@pytest.fixture
def letter(desk):
    """The delivery of a letter that tells of a refusal."""
    with desk.services.sessions.begin() as session:
        clerks = Clerks(session, session.merge(desk.code), make_user(session))
        clerks.request.requester = Requester(
            business_id=clerks.request.business_id, name="Maria", email="maria@example.com"
        )
        session.flush()
        made = draft(clerks, LetterKind.DENIED)
        clerks.do(verbs.send_letter, made, Dispatch(Way.EMAIL, compose(made).sha256))
        return session.query(Delivery).one()
