"""One's own account: name, address, password, sessions, and what a forgotten password comes to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from factories import AT, PASSWORD, make_user
from mailed import follow, form_of, link_in, mails_to, send
from sqlalchemy import func, select
from staff import sign_in, signed_in, statements

from voiceline.login_sessions import CONFIRMED_FOR
from voiceline.models import AccountLink, AuditEntry, Delivery, LoginSession, User

NEW = "seven small umbrellas in may"


@pytest.fixture(autouse=True)
def _time(mail_clock):
    return mail_clock


class TestName:
    def test_another_name_is_kept_and_told_to_the_trail(self, alice, world, services):
        send(alice, "/account", "/account/name", name="  Alice  Anders ")

        with services.sessions() as session:
            assert session.get_one(User, world.alice.id).name == "Alice Anders"
            deeds = session.scalars(select(AuditEntry.action)).all()
        assert "person.renamed" in deeds

    @pytest.mark.parametrize("name", ["", "  ", "x" * 201])
    def test_no_name_and_an_endless_one_are_refused(self, alice, name):
        answer = send(alice, "/account", "/account/name", name=name)

        assert answer.status_code == 422


class TestPassword:
    def test_other_sessions_end_and_this_goes_on_under_a_new_token(
        self, app, alice, world, services
    ):
        elsewhere = signed_in(app, world.alice)
        before = alice.get_cookie("voiceline").value

        answer = change_password(alice, PASSWORD, NEW)

        assert answer.location == "/account?said=password"
        assert alice.get(world.inbox).status_code == 200
        assert alice.get_cookie("voiceline").value != before
        assert elsewhere.get(world.inbox).status_code == 302
        assert sign_in(app.test_client(), "alice@example.com", NEW).status_code == 303
        assert sign_in(app.test_client(), "alice@example.com").status_code == 422
        (mail,) = mails_to(services, "alice@example.com")
        assert "password of your account was changed" in mail.get_content()

    def test_without_the_present_one_nothing_changes(self, app, alice, services):
        answer = change_password(alice, "not the right one", NEW)

        assert answer.status_code == 422
        assert sign_in(app.test_client(), "alice@example.com").status_code == 303
        assert not mails_to(services, "alice@example.com")

    def test_guessing_at_an_open_browser_is_stopped(self, alice):
        codes = [change_password(alice, f"guess {n}", NEW).status_code for n in range(11)]

        assert codes == [422] * 10 + [429]

    @pytest.mark.parametrize(
        "new", ["short", "x" * 1025, "alice@example.com", "Acme Shoes 1234", "Alice.Abbott.99"]
    )
    def test_d18_bad_one_is_refused_and_the_old_one_stays(self, app, alice, new):
        answer = change_password(alice, PASSWORD, new)

        assert answer.status_code == 422
        assert sign_in(app.test_client(), "alice@example.com").status_code == 303


class TestAddress:
    def test_new_address_counts_once_it_has_proven_itself(self, app, alice, services):
        answer = change_address(alice, "Alice@New.example")
        before = sign_in(app.test_client(), "alice@new.example").status_code
        proof = link_in(mails_to(services, "alice@new.example")[0])

        follow(app.test_client(), proof)
        shown = app.test_client()
        page = follow(shown, proof)
        done = send(shown, "/link")

        assert answer.location == "/account?said=address"
        assert before == 422
        assert "Sign in with this address?" in page.text
        assert "Your address was changed" in done.text
        assert sign_in(app.test_client(), "alice@new.example").status_code == 303
        assert sign_in(app.test_client(), "alice@example.com").status_code == 422
        told = [mail["Subject"] for mail in mails_to(services, "alice@example.com")]
        assert "How you sign in to Voiceline was changed" in told

    def test_old_address_stops_the_change(self, app, alice, world, services):
        change_address(alice, "thief@evil.example")
        proof = link_in(mails_to(services, "thief@evil.example")[0])
        stop = link_in(mails_to(services, "alice@example.com")[0])
        use(app, stop)

        late = use(app, proof)

        assert late.status_code == 404
        assert alice.get(world.inbox).status_code == 302
        assert sign_in(app.test_client(), "alice@example.com").status_code == 422
        assert address_of(services, world.alice) == "alice@example.com"

    def test_old_address_takes_the_change_back_for_three_days(
        self, app, alice, world, services, clock
    ):
        change_address(alice, "thief@evil.example")
        stop = link_in(mails_to(services, "alice@example.com")[0])
        use(app, link_in(mails_to(services, "thief@evil.example")[0]))
        taken = address_of(services, world.alice)
        clock.wait(timedelta(hours=71))

        use(app, stop)

        assert taken == "thief@evil.example"
        assert address_of(services, world.alice) == "alice@example.com"
        assert any(
            "Choose a new" in mail["Subject"] for mail in mails_to(services, "alice@example.com")
        )

    def test_who_took_it_cannot_take_it_back_again(self, app, alice, world, services):
        change_address(alice, "thief@evil.example")
        stop = link_in(mails_to(services, "alice@example.com")[0])
        use(app, link_in(mails_to(services, "thief@evil.example")[0]))
        change_address(alice, "thief2@evil.example")
        again = link_in(mails_to(services, "thief@evil.example")[-1])
        use(app, stop)

        use(app, again)

        assert address_of(services, world.alice) == "alice@example.com"

    def test_new_password_ends_the_change_that_somebody_else_asked_for(
        self, app, alice, anonymous, world, services
    ):
        change_address(alice, "thief@evil.example")
        proof = link_in(mails_to(services, "thief@evil.example")[0])
        send(anonymous, "/forgotten", email="alice@example.com")
        follow(anonymous, link_in(mails_to(services, "alice@example.com")[-1]))
        send(anonymous, "/reset", password=NEW)

        late = use(app, proof)

        assert late.status_code == 404
        assert address_of(services, world.alice) == "alice@example.com"

    def test_button_does_what_its_page_says_whatever_was_opened_since(
        self, app, alice, world, services
    ):
        change_address(alice, "alice@new.example")
        shown = app.test_client()
        follow(shown, link_in(mails_to(services, "alice@new.example")[0]))
        form = form_of(shown, "/link")
        follow(shown, link_in(mails_to(services, "alice@example.com")[0]))

        done = shown.post("/link", data=form)

        assert done.status_code == 409
        assert "Nothing was done" in done.text
        assert address_of(services, world.alice) == "alice@example.com"
        assert alice.get(world.inbox).status_code == 200

    def test_somebody_else_s_address_is_told_to_nobody_but_its_reader(
        self, app, alice, world, services
    ):
        answers = [change_address(alice, email) for email in ("no@example.com", "bob@example.com")]

        assert len({(answer.status_code, answer.location) for answer in answers}) == 1
        (mail,) = mails_to(services, "bob@example.com")
        assert "account of\nits own" in mail.get_content()
        assert "/link/" not in mail.get_content()

    def test_limits_of_the_wish(self, alice):
        codes = [change_address(alice, f"n{n}@example.com").status_code for n in range(6)]

        assert codes == [303] * 5 + [422]

    @pytest.mark.parametrize("email", ["alice@example.com", " ALICE@example.com ", "x", ""])
    def test_own_and_bad_addresses_are_refused(self, alice, email):
        assert change_address(alice, email).status_code == 422

    def test_proof_of_presence_is_asked_for_after_a_while(self, alice, clock, services):
        clock.wait(CONFIRMED_FOR)

        answer = change_address(alice, "new@example.com")

        assert answer.location == "/confirm?next=/account"
        assert not mails_to(services, "new@example.com")


class TestSessions:
    def test_they_are_listed_and_ended_one_by_one(self, app, alice, world, services):
        elsewhere = signed_in(app, world.alice)
        page = alice.get("/account").text
        other = page.partition("/account/sessions/")[2].partition("/end")[0]

        answer = send(alice, "/account", f"/account/sessions/{other}/end")

        assert "This one" in page
        assert answer.status_code == 303
        assert elsewhere.get(world.inbox).status_code == 302
        assert alice.get(world.inbox).status_code == 200

    def test_all_others_end_at_once(self, app, alice, world):
        others = [signed_in(app, world.alice) for _ in range(3)]

        send(alice, "/account", "/account/sessions/end-others")

        assert [client.get(world.inbox).status_code for client in others] == [302] * 3
        assert alice.get(world.inbox).status_code == 200

    def test_somebody_else_s_session_is_no_session(self, alice, bob, world, services):
        with services.sessions() as session:
            theirs = session.scalars(
                select(LoginSession.id).where(LoginSession.user_id == world.bob.id)
            ).one()

        answer = send(alice, "/account", f"/account/sessions/{theirs}/end")

        assert answer.status_code == 404
        assert bob.get(world.inbox).status_code == 200


class TestForgotten:
    def test_link_leads_to_another_password_and_ends_every_session(
        self, app, alice, anonymous, world, services
    ):
        send(anonymous, "/forgotten", email="ALICE@example.com")
        link = link_in(mails_to(services, "alice@example.com")[0])
        page = follow(anonymous, link)

        done = send(anonymous, "/reset", password=NEW)
        again = follow(app.test_client(), link)

        assert page.request.path == "/reset"
        assert "Your password was changed" in done.text
        assert again.status_code == 404
        assert anonymous.get(world.inbox).status_code == 302  # it signs nobody in
        assert alice.get(world.inbox).status_code == 302
        assert sign_in(app.test_client(), "alice@example.com", NEW).status_code == 303

    def test_what_is_no_address_is_answered_like_one(self, anonymous, services):
        answer = send(anonymous, "/forgotten", email="a\0@example.com")

        assert answer.location == "/forgotten/sent"

    def test_answer_and_work_are_the_same_for_every_address(self, anonymous, world, services):
        token = anonymous.get("/forgotten").text.partition('name="csrf_token" value="')[2]
        form = {"csrf_token": token.partition('"')[0]}
        answers, works = set(), []
        for email in ("alice@example.com", "nobody@example.com"):
            with statements(services.engine) as asked:
                answer = anonymous.post("/forgotten", data=form | {"email": email})
            answers.add((answer.status_code, answer.location))
            works.append(asked)

        assert answers == {(303, "/forgotten/sent")}
        assert works[0] == works[1]
        assert not mails_to(services, "nobody@example.com")

    def test_five_links_a_day(self, anonymous, world, services):
        for _ in range(7):
            send(anonymous, "/forgotten", email="alice@example.com")

        with services.sessions() as session:
            assert session.scalar(select(func.count()).select_from(Delivery)) == 5

    def test_link_holds_for_an_hour(self, anonymous, world, services, clock):
        send(anonymous, "/forgotten", email="alice@example.com")
        link = link_in(mails_to(services, "alice@example.com")[0])
        clock.wait(timedelta(hours=1))

        assert follow(anonymous, link).status_code == 404

    def test_used_link_voids_the_others(self, app, anonymous, world, services):
        for _ in range(2):
            send(anonymous, "/forgotten", email="alice@example.com")
        first, second = (link_in(mail) for mail in mails_to(services, "alice@example.com"))
        follow(anonymous, first)
        send(anonymous, "/reset", password=NEW)

        assert follow(app.test_client(), second).status_code == 404

    def test_changed_password_voids_the_links(self, app, alice, anonymous, world, services):
        send(anonymous, "/forgotten", email="alice@example.com")
        link = link_in(mails_to(services, "alice@example.com")[0])

        change_password(alice, PASSWORD, NEW)

        assert follow(app.test_client(), link).status_code == 404

    def test_form_of_one_person_changes_no_other_password(self, anonymous, world, services):
        for email in ("alice@example.com", "bob@example.com"):
            send(anonymous, "/forgotten", email=email)
        before = [hash_of(services, user) for user in (world.alice, world.bob)]
        follow(anonymous, link_in(mails_to(services, "alice@example.com")[0]))
        form = form_of(anonymous, "/reset")
        follow(anonymous, link_in(mails_to(services, "bob@example.com")[0]))

        done = anonymous.post("/reset", data=form | {"password": NEW})

        assert done.status_code == 409
        assert [hash_of(services, user) for user in (world.alice, world.bob)] == before

    def test_bad_password_is_refused_and_the_link_still_holds(self, anonymous, world, services):
        send(anonymous, "/forgotten", email="alice@example.com")
        follow(anonymous, link_in(mails_to(services, "alice@example.com")[0]))

        refused = send(anonymous, "/reset", password="Acme Shoes 2026")
        done = send(anonymous, "/reset", password=NEW)

        assert (refused.status_code, done.status_code) == (422, 200)

    def test_disabled_person_gets_no_link(self, anonymous, services):
        with services.sessions.begin() as session:
            make_user(session, "Gone Girl", disabled_at=AT)
        send(anonymous, "/forgotten", email="gone@example.com")

        assert not mails_to(services, "gone@example.com")

    def test_link_of_one_purpose_opens_no_other(self, app, alice, anonymous, world, services):
        send(anonymous, "/forgotten", email="alice@example.com")
        token = link_in(mails_to(services, "alice@example.com")[0]).rpartition("/")[2]

        pages = [follow(app.test_client(), f"/{page}/{token}") for page in ("link", "join")]

        assert [page.status_code for page in pages] == [404, 404]

    def test_database_holds_no_token(self, anonymous, world, services):
        send(anonymous, "/forgotten", email="alice@example.com")
        token = link_in(mails_to(services, "alice@example.com")[0]).rpartition("/")[2]

        with services.sessions() as session:
            link = session.scalars(select(AccountLink)).one()
            delivery = session.scalars(select(Delivery)).one()
        assert token not in str(vars(link))
        assert token not in str(vars(delivery))


def change_password(client, old, new):
    return send(client, "/account", "/account/password", password=old, new=new)


def hash_of(services, user):
    with services.sessions() as session:
        return session.get_one(User, user.id).password_hash


def change_address(client, address):
    return send(client, "/account", "/account/address", address=address)


def use(app, link):
    client = app.test_client()
    page = follow(client, link)
    return send(client, "/link") if page.status_code == 200 else page


def address_of(services, user):
    with services.sessions() as session:
        return session.get_one(User, user.id).email
