"""What a business decides: its name and zone, its address, and whether viewers read notes."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from factories import make_member, make_user
from mailed import follow, link_in, mails_to, send
from sqlalchemy import select
from staff import signed_in

from voiceline.models import AuditEntry, Business, Membership, Role
from voiceline.notes import add_note
from voiceline.rules.retention import AccountTier

KEPT = {
    "name": "Acme Shoes",
    "time_zone": "America/Los_Angeles",
    "asks_right": "yes",
    "viewers_read_notes": "yes",
}


@pytest.fixture(autouse=True)
def _time(mail_clock):
    return mail_clock


@pytest.fixture
def viewer(app, world, services):
    with services.sessions.begin() as session:
        user = make_user(session, "Vera Vogel")
        make_member(session, world.acme, user, Role.VIEWER)
    return signed_in(app, user)


def test_what_changed_is_kept_and_told_by_its_name(alice, world, services):
    answer = save(alice, world, name="Acme  Footwear", time_zone="America/Chicago")

    assert answer.location.endswith("said=saved")
    with services.sessions() as session:
        business = session.get_one(Business, world.acme.id)
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "business.setting_changed")
        ).all()
    assert (business.name, business.time_zone) == ("Acme Footwear", "America/Chicago")
    assert {entry.facts for entry in entries} == {'{"field":"name"}', '{"field":"time_zone"}'}


def test_saving_what_is_so_tells_the_trail_nothing(alice, world, services):
    save(alice, world)

    with services.sessions() as session:
        deeds = session.scalars(select(AuditEntry.action)).all()
    assert "business.setting_changed" not in deeds


@pytest.mark.parametrize("zone", ["Mars/Phobos", "", "../UTC", "localtime", "America/", "x" * 500])
def test_d29_zone_that_is_none_is_refused(alice, world, services, zone):
    answer = save(alice, world, time_zone=zone, name="Other")

    assert answer.status_code == 422
    assert "is not a time zone" in answer.text
    with services.sessions() as session:
        assert session.get_one(Business, world.acme.id).name == "Acme Shoes"


@pytest.mark.parametrize("name", ["", "   ", "x" * 201])
def test_name_that_cannot_be_heard_is_refused(alice, world, name):
    assert save(alice, world, name=name).status_code == 422


def test_another_zone_moves_no_date_that_is_there(alice, world, services):
    save(alice, world, time_zone="Pacific/Auckland")

    with services.sessions() as session:
        again = session.get_one(type(world.request), world.request.id)
        assert again.received_on == world.request.received_on
        assert again.respond_by == world.request.respond_by


def test_agents_and_viewers_read_settings_and_change_none(bob, viewer, world):
    for client in (bob, viewer):
        assert "America/Los_Angeles" in client.get(page(world)).text
        assert send(client, page(world), **KEPT).status_code == 403
        assert send(client, page(world), f"{page(world)}/address").status_code == 403


def test_viewers_from_whom_notes_are_kept_read_none(alice, bob, viewer, world, services):
    note_id = uuid4()
    with services.sessions.begin() as session:
        request = session.get_one(type(world.request), world.request.id)
        add_note(session, request, note_id, "They are known to us", world.bob, request.filed_at)
    note = f"{world.page}/notes/{note_id}"
    before = viewer.get(world.page).text, viewer.get(note).status_code

    send(alice, page(world), **{k: v for k, v in KEPT.items() if k != "viewers_read_notes"})

    assert "known to us" in before[0]
    assert before[1] == 200
    assert "known to us" not in viewer.get(world.page).text
    assert viewer.get(note).status_code == 403
    assert viewer.get(f"{world.page}/evidence.zip").status_code in {403, 405}
    assert "known to us" in bob.get(world.page).text


class TestAddress:
    def test_new_one_is_told_once_it_is_confirmed(self, alice, anonymous, world, services):
        answer = choose(alice, world, "Privacy@Acme.example")
        waiting = alice.get(page(world)).text
        before = address_of(services, world)

        shown = follow(anonymous, link_in(mails_to(services, "privacy@acme.example")[0]))
        send(anonymous, "/link")

        assert answer.location.endswith("said=asked")
        assert "is not confirmed yet" in waiting
        assert before is None
        assert "Acme Shoes" in shown.text
        assert address_of(services, world) == "privacy@acme.example"

    def test_later_wish_voids_the_one_before(self, alice, anonymous, world, services):
        choose(alice, world, "one@acme.example")
        first = link_in(mails_to(services, "one@acme.example")[0])
        choose(alice, world, "two@acme.example")

        assert follow(anonymous, first).status_code == 404

    def test_who_may_decide_no_longer_has_no_link(self, alice, anonymous, world, services):
        choose(alice, world, "privacy@acme.example")
        link = link_in(mails_to(services, "privacy@acme.example")[0])
        with services.sessions.begin() as session:
            session.scalars(
                select(Membership).where(Membership.user_id == world.alice.id)
            ).one().role = Role.AGENT
        follow(anonymous, link)

        answer = send(anonymous, "/link")

        assert answer.status_code == 422
        assert address_of(services, world) is None

    def test_empty_one_ends_it_at_once(self, alice, world, services):
        with services.sessions.begin() as session:
            session.get_one(Business, world.acme.id).notify_address = "old@acme.example"

        choose(alice, world, " ")

        assert address_of(services, world) is None


class TestTrial:
    @pytest.mark.parametrize(
        ("days", "told"), [(30, False), (8, False), (7, True), (1, True), (-1, True), (None, False)]
    )
    def test_inbox_tells_of_its_end_in_the_last_week(
        self, alice, world, services, clock, days, told
    ):
        with services.sessions.begin() as session:
            business = session.get_one(Business, world.acme.id)
            business.tier = AccountTier.TRIAL
            business.trial_ends_at = None if days is None else clock() + timedelta(days=days)

        inbox, settings = alice.get(world.inbox).text, alice.get(page(world)).text

        assert ("Your trial end" in inbox) == told
        assert ("Your trial end" in settings) == (days is not None)


def page(world):
    return f"/businesses/{world.acme.id}/settings"


def save(client, world, **fields):
    return send(client, page(world), **(KEPT | fields))


def choose(client, world, address):
    return send(client, page(world), f"{page(world)}/address", address=address)


def address_of(services, world):
    with services.sessions() as session:
        return session.get_one(Business, world.acme.id).notify_address
