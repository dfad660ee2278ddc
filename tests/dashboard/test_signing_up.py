"""Somebody opens an account: nothing is there before the mailed link was followed and confirmed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from factories import PASSWORD, make_business, make_code
from mailed import follow, form_of, link_in, mails_to, send
from sqlalchemy import func, select
from staff import statements

from voiceline.bootstrap import build
from voiceline.dashboard import create_app
from voiceline.models import AuditEntry, Business, Delivery, Membership, ServiceCode, SignUp, User
from voiceline.settings import load_settings

DANA = {
    "email": "Dana@Example.com",
    "name": "Dana Dietz",
    "business_name": "Dana's  Deli",
    "time_zone": "America/Chicago",
    "password": "seven small umbrellas in may",
}


@pytest.fixture(autouse=True)
def _time(mail_clock):
    return mail_clock


def test_nobody_is_there_before_the_link(anonymous, services):
    answer = sign_up(anonymous)

    assert answer.location == "/sign-up/sent"
    assert "dana@example.com" in anonymous.get("/sign-up/sent").text
    assert counts(services) == (0, 0)


def test_link_and_button_open_account_trial_code_and_session(anonymous, services, clock):
    sign_up(anonymous)

    page = follow(anonymous, link_to(services))
    answer = send(anonymous, "/sign-up/confirm")

    assert "Dana&#39;s Deli" in page.text
    assert page.request.path == "/sign-up/confirm"
    assert anonymous.get(answer.location).status_code == 200
    with services.sessions() as session:
        user = session.scalars(select(User)).one()
        business = session.scalars(select(Business)).one()
        code = session.scalars(select(ServiceCode)).one()
        place = session.scalars(select(Membership)).one()
        deeds = session.scalars(select(AuditEntry.action)).all()
    assert (user.email, user.name) == ("dana@example.com", "Dana Dietz")
    assert (business.name, business.time_zone) == ("Dana's Deli", "America/Chicago")
    assert business.trial_ends_at == clock() + timedelta(days=30)
    assert len(code.code) == 5
    assert code.code[0] in "345678"
    assert place.role == "owner"
    assert {"code.assigned", "person.joined"} <= set(deeds)


def test_link_changes_nothing_by_being_followed(app, anonymous, services):
    sign_up(anonymous)

    for _ in range(3):
        follow(app.test_client(), link_to(services))

    assert counts(services) == (0, 0)


@pytest.mark.parametrize("name", ["\0", "\u200b\u202e"])
@pytest.mark.parametrize("field", ["name", "business_name"])
def test_name_that_nobody_can_see_is_refused(anonymous, services, field, name):
    answer = sign_up(anonymous, **{field: name})

    assert answer.status_code == 422
    assert mails_to(services, "dana@example.com") == []


def test_control_in_a_name_is_left_out(anonymous, services):
    answer = sign_up(anonymous, name="Da\0na")

    assert answer.status_code == 303
    with services.sessions() as session:
        assert session.scalars(select(SignUp.name)).one() == "Dana"


def test_account_for_which_no_code_is_free_is_not_said_to_be_open(anonymous, services, monkeypatch):
    sign_up(anonymous)
    follow(anonymous, link_to(services))
    monkeypatch.setattr("voiceline.codes.FREE_STARTS", "4")
    monkeypatch.setattr("voiceline.codes.FREE_DIGITS", 1)
    with services.sessions.begin() as session:
        make_code(session, make_business(session), "4")

    answer = send(anonymous, "/sign-up/confirm")

    assert answer.status_code == 503
    assert "could not be opened now" in answer.text
    assert "No free code was found" in answer.text
    monkeypatch.undo()
    assert send(anonymous, "/sign-up/confirm").status_code == 303


def test_another_browser_must_know_the_password(app, anonymous, services):
    sign_up(anonymous)
    elsewhere = app.test_client()
    follow(elsewhere, link_to(services))

    wrong = send(elsewhere, "/sign-up/confirm", password="not the right one")
    none = send(elsewhere, "/sign-up/confirm")
    before = counts(services)
    right = send(elsewhere, "/sign-up/confirm", password=DANA["password"])

    assert (wrong.status_code, none.status_code, right.status_code) == (422, 422, 303)
    assert before == (0, 0)
    assert counts(services) == (1, 1)


def test_guessing_that_password_is_stopped(app, anonymous, services):
    sign_up(anonymous)
    elsewhere = app.test_client()
    follow(elsewhere, link_to(services))

    answers = [
        send(elsewhere, "/sign-up/confirm", password=f"guess {n}").status_code for n in range(11)
    ]

    assert answers == [422] * 10 + [429]


def test_followed_twice_it_says_that_the_account_is_open(app, anonymous, services):
    sign_up(anonymous)
    link = link_to(services)
    follow(anonymous, link)
    send(anonymous, "/sign-up/confirm")

    again = follow(app.test_client(), link)

    assert "Your account is open already" in again.text
    assert counts(services) == (1, 1)


def test_two_clicks_open_one_account(app, anonymous, services):
    sign_up(anonymous)
    follow(anonymous, link_to(services))
    form = form_of(anonymous, "/sign-up/confirm")

    first = anonymous.post("/sign-up/confirm", data=form)
    second = anonymous.post("/sign-up/confirm", data=form)

    assert first.status_code == 303
    assert second.status_code == 400  # the form of before belongs to who used the browser before
    assert counts(services) == (1, 1)


def test_expired_link_says_so(anonymous, services, clock):
    sign_up(anonymous)
    link = link_to(services)
    follow(anonymous, link)
    form = form_of(anonymous, "/sign-up/confirm")
    clock.wait(timedelta(hours=24))

    page = follow(anonymous, link)
    sent = anonymous.post("/sign-up/confirm", data=form)

    assert page.status_code == sent.status_code == 404
    assert "does not hold any more" in page.text
    assert counts(services) == (0, 0)


def test_address_that_was_taken_meanwhile_opens_nothing(app, anonymous, services):
    other = app.test_client()
    sign_up(anonymous)
    first = link_to(services)
    sign_up(other)
    second = link_in(mails_to(services, "dana@example.com")[1])
    follow(anonymous, first)
    follow(other, second)
    form = form_of(other, "/sign-up/confirm")
    send(anonymous, "/sign-up/confirm")

    late = other.post("/sign-up/confirm", data=form)

    assert "Your account is open already" in late.text
    assert counts(services) == (1, 1)


def test_known_address_gets_the_same_answer_and_another_message(anonymous, world, services):
    unknown = sign_up(anonymous)
    known = sign_up(anonymous, email="ALICE@example.com")

    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    (mail,) = mails_to(services, "alice@example.com")
    assert "You have one\nalready" in mail.get_content()
    assert "/sign-up/" not in mail.get_content()
    with services.sessions() as session:
        assert session.scalar(select(func.count()).select_from(SignUp)) == 2


def test_same_work_is_asked_of_the_database_for_a_known_address(anonymous, world, services):
    token = anonymous.get("/sign-up").text.partition('name="csrf_token" value="')[2][:200]
    form = DANA | {"csrf_token": token.partition('"')[0]}
    counted = []
    for email in ("nobody@example.com", "alice@example.com"):
        with statements(services.engine) as asked:
            anonymous.post("/sign-up", data=form | {"email": email})
        counted.append(asked)

    assert counted[0] == counted[1]


def test_fourth_message_within_six_hours_is_not_sent(anonymous, services):
    answers = {sign_up(anonymous).location for _ in range(5)}

    assert answers == {"/sign-up/sent"}
    with services.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Delivery)) == 3


def test_one_network_signs_up_only_so_often(anonymous, services):
    codes = [sign_up(anonymous, password="short").status_code for _ in range(21)]

    assert codes == [422] * 20 + [429]


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("email", "dana", "not an e-mail address"),
        ("email", "dana@example.com\r\nBcc: x@example.com", "not an e-mail address"),
        ("name", "  ", "your name"),
        ("business_name", "", "callers hear it"),
        ("business_name", "x" * 201, "callers hear it"),
        ("time_zone", "Mars/Phobos", "not a time zone"),
        ("time_zone", "../../etc/passwd", "not a time zone"),
        ("password", "short", "at least 12"),
        ("password", "x" * 1025, "at most 1024"),
    ],
)
def test_what_is_not_good_enough_is_said_and_typed_words_stay(anonymous, field, value, says):
    answer = sign_up(anonymous, **{field: value})

    assert answer.status_code == 422
    assert says in answer.text
    assert field == "name" or "Dana Dietz" in answer.text
    assert DANA["password"] not in answer.text


@pytest.mark.parametrize(
    "password",
    ["dana@example.com", "Dana's Deli 2026!", "DanaDietz12345", "passwordpassword1"],
    ids=["address", "business", "name", "common"],
)
def test_d18_password_that_anybody_would_try_is_refused(anonymous, password):
    answer = sign_up(anonymous, password=password, business_name="Dana's Deli")

    assert answer.status_code == 422


def test_d18_accents_typed_on_another_keyboard_are_the_same_password(app, anonymous, services):
    sign_up(anonymous, password="sieben kleine B\u00e4ume im Mai")
    elsewhere = app.test_client()
    follow(elsewhere, link_to(services))

    answer = send(elsewhere, "/sign-up/confirm", password="sieben kleine Ba\u0308ume im Mai")

    assert answer.status_code == 303


def test_closed_sign_up_opens_nothing(environment, services, clock):
    environment.setenv("VOICELINE_SIGN_UP", "closed")
    client = create_app(build(load_settings()), clock=clock).test_client()

    page = client.get("/sign-up")
    form = DANA | {"csrf_token": page.text}
    answer = client.post("/sign-up", data=form)

    assert "opened by the operator" in page.text
    assert answer.status_code == 400  # no form was shown, so there is no token of one
    assert counts(services) == (0, 0)


@pytest.mark.parametrize("token", ["x" * 43, "-" * 43, "é" * 43])
def test_guessed_links_open_nothing(anonymous, services, token):
    page = follow(anonymous, f"/sign-up/{token}")

    assert page.status_code == 404
    assert PASSWORD not in page.text


def sign_up(client, **fields):
    return send(client, "/sign-up", **(DANA | fields))


def link_to(services):
    return link_in(mails_to(services, "dana@example.com")[0])


def counts(services):
    with services.sessions() as session:
        return tuple(
            session.scalar(select(func.count()).select_from(table)) for table in (User, Business)
        )
