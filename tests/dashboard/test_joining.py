"""A colleague is invited and comes in: with a new account, an old one, or not at all (D17)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from factories import PASSWORD, make_member
from mailed import follow, form_of, link_in, mails_to, send
from sqlalchemy import select
from staff import sign_in, signed_in

from voiceline.models import AuditEntry, Business, Invitation, Membership, Role, User

DANA = "dana@example.com"


@pytest.fixture(autouse=True)
def _time(mail_clock):
    return mail_clock


def test_new_colleague_joins_with_name_and_password(alice, anonymous, world, services):
    invite(alice, world, "Dana@Example.com")

    page = follow(anonymous, link_to(services, DANA))
    answer = send(anonymous, "/join", "/join/new", name="Dana Dietz", password=PASSWORD)

    assert "Alice Abbott invites" in page.text
    assert answer.location == world.inbox
    assert anonymous.get(world.inbox).status_code == 200
    assert role_of(services, world, DANA) == Role.AGENT
    with services.sessions() as session:
        deeds = session.scalars(select(AuditEntry.action)).all()
    assert {"person.invited", "person.joined"} <= set(deeds)


def test_d35_known_address_signs_in_and_is_back(alice, anonymous, world, services):
    invite(alice, world, "charlie@example.com", "viewer")
    link = link_to(services, "charlie@example.com")
    page = follow(anonymous, link)
    wanted = page.text.partition("/sign-in?next=")[2].partition('"')[0]

    answer = sign_in(anonymous, "charlie@example.com", next=wanted)
    back = follow(anonymous, answer.location)
    joined = send(anonymous, "/join")

    assert answer.location == wanted == "/join"
    assert link.removeprefix("/join/") not in page.text + back.text
    assert "Join as Charlie Chen" in back.text
    assert follow(anonymous, joined.location).request.path == world.inbox
    assert role_of(services, world, "charlie@example.com") == Role.VIEWER


def test_whoever_signs_in_for_something_else_leaves_the_link_behind(
    alice, anonymous, world, services
):
    invite(alice, world, "charlie@example.com", "viewer")
    follow(anonymous, link_to(services, "charlie@example.com"))

    sign_in(anonymous, "charlie@example.com", next="/businesses")

    assert anonymous.get("/join").status_code == 404


def test_d17_somebody_else_is_told_and_joins_nothing(alice, bob, world, services):
    invite(alice, world, "charlie@example.com")
    page = follow(bob, link_to(services, "charlie@example.com"))

    send(bob, "/join")
    out = send(bob, "/join", "/join/as-another")

    assert "You are signed in as <strong>bob@example.com" in page.text
    assert role_of(services, world, "charlie@example.com") is None
    assert bob.get(world.inbox).status_code == 302
    assert "You have an account with this address" in follow(bob, out.location).text


def test_d17_two_clicks_and_the_way_back_lead_to_the_inbox(alice, charlie, world, services):
    invite(alice, world, "charlie@example.com")
    link = link_to(services, "charlie@example.com")
    follow(charlie, link)
    form = form_of(charlie, "/join")

    for _ in range(2):
        assert charlie.post("/join", data=form).location == "/join"

    assert follow(charlie, link).request.path == world.inbox
    with services.sessions() as session:
        places = session.scalars(
            select(Membership).where(Membership.user_id == world.charlie.id)
        ).all()
    assert len(places) == 2


@pytest.mark.parametrize("fate", ["expired", "revoked", "used", "closed", "unknown"])
def test_d17_link_that_does_not_hold_is_one_page(
    alice, app, anonymous, world, services, clock, fate
):
    invite(alice, world, DANA)
    link = link_to(services, DANA)
    if fate == "expired":
        clock.wait(timedelta(days=7))
    if fate == "revoked":
        act(alice, world, services, "revoke")
    if fate == "used":
        other = app.test_client()
        follow(other, link)
        send(other, "/join", "/join/new", name="Dana", password=PASSWORD)
    if fate == "closed":
        with services.sessions.begin() as session:
            session.get_one(Business, world.acme.id).close()
    if fate == "unknown":
        link = "/join/" + "x" * 43

    page = follow(anonymous, link)
    send(anonymous, "/sign-in", "/join/new", name="Mallory", password=PASSWORD)

    assert page.status_code == 404
    assert "This invitation does not hold any more" in page.text
    assert "Acme" not in page.text
    with services.sessions() as session:
        assert session.scalar(select(User.id).where(User.name == "Mallory")) is None


@pytest.mark.parametrize(
    ("email", "says"),
    [
        ("alice@example.com", "belongs to a colleague already"),
        ("  BOB@Example.COM ", "belongs to a colleague already"),
        ("dana", "not an e-mail address"),
        ("dana@example.com\nx", "not an e-mail address"),
    ],
)
def test_d17_self_colleagues_and_case_variants_are_refused(alice, world, services, email, says):
    answer = invite(alice, world, email)

    assert answer.status_code == 422
    assert says in answer.text
    assert not mails_to(services, email.strip().lower())


def test_d17_inviter_cannot_tell_who_has_an_account(alice, world, services):
    answers = [invite(alice, world, email) for email in ("charlie@example.com", DANA)]

    assert {(answer.status_code, answer.location) for answer in answers} == {
        (303, f"{team(world)}?said=invited")
    }
    texts = [mails_to(services, to)[0] for to in ("charlie@example.com", DANA)]
    assert len({text.get_content().replace(link_in(text), "") for text in texts}) == 1


def test_d17_second_invitation_to_an_address_is_refused(alice, world):
    invite(alice, world, DANA)

    answer = invite(alice, world, "DANA@example.com", "viewer")

    assert answer.status_code == 422
    assert "is invited already" in answer.text


def test_d17_another_business_acts_on_no_invitation(alice, charlie, world, services):
    invite(alice, world, DANA)
    with services.sessions() as session:
        row = session.scalars(select(Invitation)).one()

    answers = [
        send(
            charlie, team(world, world.bolt), f"{team(world, world.bolt)}/invitations/{row.id}/{x}"
        )
        for x in ("again", "revoke")
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    with services.sessions() as session:
        assert session.get_one(Invitation, row.id).revoked_at is None


def test_invitation_is_sent_again_three_times_and_holds_longer(app, alice, world, services, clock):
    invite(alice, world, DANA)
    clock.wait(timedelta(days=6))
    later = signed_in(app, world.alice)

    codes = [act(later, world, services, "again").status_code for _ in range(4)]

    assert codes == [303, 303, 303, 422]
    assert len({link_in(mail) for mail in mails_to(services, DANA)}) == 1
    with services.sessions() as session:
        assert session.scalars(select(Invitation)).one().expires_at == clock() + timedelta(days=7)


def test_who_became_a_member_another_way_keeps_the_place_as_it_is(alice, charlie, world, services):
    invite(alice, world, "charlie@example.com", "viewer")
    with services.sessions.begin() as session:
        make_member(session, world.acme, world.charlie, Role.ADMIN)
    follow(charlie, link_to(services, "charlie@example.com"))

    joined = send(charlie, "/join")

    assert follow(charlie, joined.location).request.path == world.inbox
    assert role_of(services, world, "charlie@example.com") == Role.ADMIN


def test_old_invitation_is_no_way_back_for_who_was_removed(alice, charlie, world, services):
    invite(alice, world, "charlie@example.com", "admin")
    with services.sessions.begin() as session:
        make_member(session, world.acme, world.charlie, Role.VIEWER)
        mine = (Membership.user_id == world.charlie.id, Membership.business_id == world.acme.id)
        place = session.scalars(select(Membership.id).where(*mine)).one()
    link = link_to(services, "charlie@example.com")
    send(alice, team(world), f"{team(world)}/{place}/remove")

    page = follow(charlie, link)

    assert page.status_code == 404
    with services.sessions() as session:
        assert session.scalar(select(Membership.id).where(*mine)) is None


def test_invitation_of_an_owner_who_was_disabled_makes_nobody_a_member(
    alice, charlie, world, services, clock
):
    invite(alice, world, "charlie@example.com", "owner")
    follow(charlie, link_to(services, "charlie@example.com"))
    with services.sessions.begin() as session:
        session.get_one(User, world.alice.id).disabled_at = clock()

    send(charlie, "/join")

    mine = (Membership.user_id == world.charlie.id, Membership.business_id == world.acme.id)
    with services.sessions() as session:
        assert session.scalar(select(Membership.id).where(*mine)) is None


def test_names_in_mail_to_strangers_are_no_links(alice, world, services):
    with services.sessions.begin() as session:
        session.get_one(Business, world.acme.id).name = "Prize at https://evil.example/x"
    invite(alice, world, DANA)

    (mail,) = mails_to(services, DANA)

    assert "evil.example" not in f"{mail['Subject']}{mail.get_content()}"
    assert mail.get_content().count("://") == 1


def test_suspended_business_can_be_joined(alice, anonymous, world, services):
    invite(alice, world, DANA)
    with services.sessions.begin() as session:
        session.get_one(Business, world.acme.id).suspend()
    follow(anonymous, link_to(services, DANA))

    send(anonymous, "/join", "/join/new", name="Dana", password=PASSWORD)

    assert role_of(services, world, DANA) == Role.AGENT


def test_password_of_the_business_is_refused_and_the_name_stays(alice, anonymous, world, services):
    invite(alice, world, DANA)
    follow(anonymous, link_to(services, DANA))

    answer = send(anonymous, "/join", "/join/new", name="Dana D", password="Acme Shoes 2026")

    assert answer.status_code == 422
    assert "Dana D" in answer.text
    assert role_of(services, world, DANA) is None


def test_d33_person_of_two_businesses_works_in_both_at_once(alice, app, world, services):
    invite(alice, world, "charlie@example.com")
    charlie = signed_in(app, world.charlie)
    follow(charlie, link_to(services, "charlie@example.com"))
    send(charlie, "/join")
    bolt = f"/businesses/{world.bolt.id}/requests"

    pages = [charlie.get(path).text for path in (world.inbox, bolt, world.inbox)]
    crossed = charlie.get(f"{bolt}/{world.request.id}")

    assert [str(world.request.id) in page for page in pages] == [True, False, True]
    assert crossed.status_code == 404
    assert charlie.get("/").location == "/businesses"


def invite(client, world, email, role="agent"):
    return send(client, team(world), f"{team(world)}/invite", email=email, role=role)


def act(client, world, services, what):
    with services.sessions() as session:
        row = session.scalars(select(Invitation)).one()
    return send(client, team(world), f"{team(world)}/invitations/{row.id}/{what}")


def link_to(services, address):
    return link_in(mails_to(services, address)[0])


def team(world, business=None):
    return f"/businesses/{(business or world.acme).id}/members"


def role_of(services, world, email):
    with services.sessions() as session:
        return session.scalar(
            select(Membership.role)
            .join(User, User.id == Membership.user_id)
            .where(User.email == email, Membership.business_id == world.acme.id)
        )
