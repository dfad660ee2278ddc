"""The team of a business: who may change whom, and that it always has an owner (D14-D16)."""

from __future__ import annotations

import re
from itertools import product
from threading import Barrier, Thread

import pytest
from factories import AT, make_member, make_user, unknown_id
from mailed import send
from sqlalchemy import select
from staff import signed_in, statements

from voiceline import members
from voiceline.calendars import open_calendar
from voiceline.dashboard import members as pages
from voiceline.errors import UserError
from voiceline.invitations import invite
from voiceline.models import (
    AuditEntry,
    CalendarAddress,
    CodeApp,
    Identity,
    IdentityProvider,
    Invitation,
    Membership,
    NoticeChoice,
    Passkey,
    Role,
    User,
)
from voiceline.notices import choose
from voiceline.rules.alerts import UNASKED


@pytest.mark.parametrize(("own", "theirs"), list(product(Role, Role)))
def test_nobody_gives_or_takes_a_role_above_their_own(app, world, services, own, theirs):
    actor, other = person(services, world, "Erin", own), person(services, world, "Frank", theirs)
    client = signed_in(app, actor)

    allowed = {}
    for new in Role:
        answer = change(client, services, world, other, new)
        allowed[new] = role_of(services, world, other) == new
        assert answer.status_code in {303, 422, 403}
        put_back(services, world, other, theirs)

    decides = own in {Role.ADMIN, Role.OWNER} and own.covers(theirs)
    assert allowed == {new: (decides and own.covers(new)) or new == theirs for new in Role}


def test_admins_see_how_each_signs_in(alice, bob, world, services):
    with services.sessions.begin() as session:
        bobs = {"user_id": world.bob.id, "created_at": AT}
        session.add(CodeApp(**bobs, sealed_key=b"x", confirmed_at=AT, last_step=0))
        for name in ("Laptop", "Telephone"):
            key = {"credential_id": name, "public_key": b"x", "sign_count": 0}
            session.add(Passkey(**bobs, **key, name=name))
        session.add(Identity(**bobs, issuer="https://elsewhere.example", subject="1"))
        owned = {"business_id": world.acme.id, "name": "Okta", "client_id": "c", "created_at": AT}
        issuer = "https://acme.okta.example"
        session.add(IdentityProvider(**owned, issuer=issuer, sealed_secret=b"x"))
        session.add(Identity(**bobs, issuer=issuer, subject="1"))

    seen, hidden = alice.get(team(world)).text, bob.get(team(world)).text

    assert "Signs in with a password, codes from an app, 2 passkeys, Okta<" in seen
    assert "elsewhere" not in seen
    assert "Signs in with" not in hidden


def test_app_that_was_never_proved_is_no_way_in(alice, world, services):
    with services.sessions.begin() as session:
        session.get_one(User, world.bob.id).password_hash = None
        session.add(CodeApp(user_id=world.bob.id, sealed_key=b"x", last_step=0, created_at=AT))

    assert "Has no way to sign in yet" in alice.get(team(world)).text


def test_everybody_is_shown_page_by_page(alice, world, services, monkeypatch):
    monkeypatch.setattr(pages, "ROWS", 3)
    for number in range(6):
        colleague = person(services, world, f"P{number}", Role.VIEWER)
        with services.sessions.begin() as session:
            name = "Same Name" if number < 4 else f"Zoe {number}"
            session.get_one(User, colleague.id).name = name

    shown, link = [], team(world)
    while link:
        page = alice.get(link).text
        shown += re.findall("<div><strong>([^<]+)</strong>", page)
        link = next(iter(re.findall(r'rel="next" href="([^"]+)"', page)), None)

    assert shown == ["Alice Abbott", "Bob Baker", *["Same Name"] * 4, "Zoe 4", "Zoe 5"]
    assert "Back to the beginning" in page


@pytest.mark.parametrize("after", ["abc", "0", "6e1c9f52-3d43-4c0b-9a4e-0d6a1f6a2b11", "' or 1=1"])
def test_what_is_nobody_is_the_beginning(alice, world, after):
    page = alice.get(team(world), query_string={"after": after})

    assert page.status_code == 200
    assert "Alice Abbott" in page.text


def test_page_costs_the_same_however_many_there_are(alice, world, services):
    with statements(services.engine) as few:
        alice.get(team(world))
    for number in range(10):
        person(services, world, f"P{number}", Role.VIEWER)
    with statements(services.engine) as many:
        alice.get(team(world))

    assert len(few) == len(many)


def test_d14_another_role_counts_at_the_next_request(alice, bob, world, services):
    page = f"{team(world)}/invite"
    before = send(bob, team(world), page, email="dana@example.com", role="viewer")

    change(alice, services, world, world.bob, Role.ADMIN)
    after = send(bob, team(world), page, email="dana@example.com", role="viewer")

    assert (before.status_code, after.status_code) == (403, 303)


def test_d15_disabled_colleague_is_out_and_shown_so(alice, bob, world, services):
    with services.sessions.begin() as session:
        session.get_one(User, world.bob.id).disabled_at = AT

    assert bob.get(team(world)).status_code == 302
    assert "Cannot sign in" in alice.get(team(world)).text


def test_d16_last_owner_neither_leaves_nor_steps_down(alice, world, services):
    left = send(alice, team(world), f"{team(world)}/leave")
    demoted = change(alice, services, world, world.alice, Role.ADMIN)

    assert (left.status_code, demoted.status_code) == (422, 422)
    assert members.LAST_OWNER in left.text
    assert members.LAST_OWNER in demoted.text
    assert "Leave Acme Shoes</button>" not in alice.get(f"{team(world)}/leave").text
    assert role_of(services, world, world.alice) == Role.OWNER


def test_d16_owner_who_cannot_sign_in_does_not_count(alice, world, services):
    change(alice, services, world, world.bob, Role.OWNER)
    with services.sessions.begin() as session:
        session.get_one(User, world.bob.id).disabled_at = AT

    answer = send(alice, team(world), f"{team(world)}/leave")

    assert answer.status_code == 422


def test_d16_two_owners_who_remove_each_other_leave_one(world, services):
    with services.sessions.begin() as session:
        places = {
            place.user_id: place
            for place in session.scalars(
                select(Membership).where(Membership.business_id == world.acme.id)
            )
        }
        places[world.bob.id].role = Role.OWNER
    start, refused = Barrier(2), []

    def remove(by, other):
        start.wait()
        try:
            with services.sessions.begin() as session:
                members.remove(session, world.acme.id, places[other.id].id, by=by, at=AT)
        except UserError as error:
            refused.append(str(error))

    pairs = ((world.alice, world.bob), (world.bob, world.alice))
    threads = [Thread(target=remove, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 1
    with services.sessions() as session:
        left = session.scalars(
            select(Membership.role).where(Membership.business_id == world.acme.id)
        ).all()
    assert left == [Role.OWNER]


def test_removed_colleague_loses_the_business_and_all_of_it(alice, bob, world, services):
    with services.sessions.begin() as session:
        place = session.scalars(select(Membership).where(Membership.user_id == world.bob.id)).one()
        choose(session, place, UNASKED, at=AT)
        open_calendar(session, place, at=AT)
    page = f"{team(world)}/{place.id}/remove"

    shown = alice.get(page).text
    answer = send(alice, page)

    assert "Remove Bob Baker?" in shown
    assert answer.location.endswith("said=removed")
    assert bob.get(world.inbox).status_code == 404
    assert bob.get("/businesses").status_code == 200
    with services.sessions() as session:
        kept = [
            session.scalar(select(table).where(table.user_id == world.bob.id))
            for table in (NoticeChoice, CalendarAddress, Membership)
        ]
        left = session.scalars(select(AuditEntry).where(AuditEntry.action == "person.left")).one()
    assert kept == [None, None, None]
    assert (left.subject_id, left.actor_id) == (world.bob.id, world.alice.id)


def test_invitations_of_who_may_invite_no_longer_end(alice, world, services):
    change(alice, services, world, world.bob, Role.ADMIN)
    with services.sessions.begin() as session:
        bob = session.get_one(User, world.bob.id)
        for name, role in (("dana", Role.ADMIN), ("eve", Role.VIEWER)):
            invite(
                session,
                world.acme.id,
                f"{name}@example.com",
                role,
                by=bob,
                secret="s" * 32,
                at=AT,
            )

    change(alice, services, world, world.bob, Role.AGENT)

    with services.sessions() as session:
        invitations = session.scalars(select(Invitation)).all()
    assert len(invitations) == 2
    assert all(row.revoked_at for row in invitations)


def test_agent_leaves_by_themselves(bob, world, services):
    answer = send(bob, f"{team(world)}/leave")

    assert answer.location == "/businesses"
    assert role_of(services, world, world.bob) is None


def test_foreign_and_missing_members_are_one_answer(alice, charlie, world, services):
    with services.sessions() as session:
        foreign = session.scalars(
            select(Membership.id).where(Membership.user_id == world.charlie.id)
        ).one()

    answers = [
        (alice.get(f"{team(world)}/{id_}/remove"), send(alice, team(world), role_path(world, id_)))
        for id_ in (foreign, unknown_id())
    ]
    removed = [
        send(alice, team(world), f"{team(world)}/{id_}/remove") for id_ in (foreign, unknown_id())
    ]

    assert {page.status_code for page, _ in answers} == {404}
    assert {answer.status_code for answer in removed} == {404}
    assert answers[0][0].data == answers[1][0].data
    assert role_of(services, world, world.charlie, world.bolt) == Role.OWNER


def test_agents_and_viewers_read_the_team_and_change_nothing(app, bob, world, services):
    viewer = signed_in(app, person(services, world, "Vera", Role.VIEWER))

    for client in (bob, viewer):
        page = client.get(team(world)).text
        refused = send(client, team(world), f"{team(world)}/invite", email="x@example.com")
        assert "Alice Abbott" in page
        assert "Invite a colleague" not in page
        assert refused.status_code == 403


def test_role_that_is_none_is_refused(alice, world, services):
    with services.sessions() as session:
        place = session.scalars(select(Membership).where(Membership.user_id == world.bob.id)).one()

    answer = send(alice, team(world), role_path(world, place.id), role="emperor")

    assert answer.status_code == 400


def team(world):
    return f"/businesses/{world.acme.id}/members"


def role_path(world, membership_id):
    return f"{team(world)}/{membership_id}/role"


def person(services, world, name, role):
    with services.sessions.begin() as session:
        user = make_user(session, f"{name} Fisher")
        make_member(session, world.acme, user, role)
    return user


def place_of(session, world, user, business=None):
    return session.scalar(
        select(Membership).where(
            Membership.user_id == user.id,
            Membership.business_id == (business or world.acme).id,
        )
    )


def role_of(services, world, user, business=None):
    with services.sessions() as session:
        place = place_of(session, world, user, business)
        return place.role if place else None


def put_back(services, world, user, role):
    with services.sessions.begin() as session:
        place_of(session, world, user).role = role


def change(client, services, world, user, role):
    with services.sessions() as session:
        place = place_of(session, world, user)
    return send(client, team(world), role_path(world, place.id), role=role.value)
