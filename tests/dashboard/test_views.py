from __future__ import annotations

import re

import pytest
from factories import make_member, make_user
from staff import csrf_token, signed_in

from voiceline import saved_views
from voiceline.models import InboxChoice, Role, SavedView


def send(client, world, path="", **fields):
    token = csrf_token(client, f"{world.inbox}?status=open")
    return client.post(f"{world.inbox}/views{path}", data={"csrf_token": token} | fields)


def save(client, world, name="Spanish", query="status=open&language=es", **fields):
    return send(client, world, name=name, query=query, **fields)


def views(services):
    with services.sessions() as session:
        return session.query(SavedView).order_by(SavedView.name).all()


def test_view_is_saved_and_stands_above_the_list(alice, bob, world):
    answer = save(alice, world)

    page = alice.get(answer.headers["Location"]).text
    assert "status=open&order=deadline&language=es" in answer.headers["Location"]
    assert re.search(r'aria-current="true">Spanish', page)
    assert "Spanish</a>" not in bob.get(world.inbox).text


def test_team_sees_what_an_owner_shares(alice, bob, world, services):
    save(alice, world, name="Ours", shared="1")

    assert ">Ours" in bob.get(world.inbox).text
    assert save(bob, world, name="Mine", shared="1").status_code == 403
    (view,) = views(services)
    for do in ("rename", "delete"):
        assert send(bob, world, f"/{view.id}/{do}", name="x").status_code == 403
    assert len(views(services)) == 1


@pytest.mark.parametrize("do", ["rename", "delete", "open-with"])
def test_d1_others_views_are_missing(alice, bob, charlie, world, services, do):
    save(alice, world)
    (view,) = views(services)

    for client in (bob, charlie):
        assert send(client, world, f"/{view.id}/{do}", name="x").status_code == 404


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "Give the view a name"),
        (" \n ", "Give the view"),
        ("x" * 61, "at most 60"),
        ("SPANISH", "that name already"),
    ],
)
def test_odd_names_are_refused_with_a_word(alice, world, services, name, said):
    save(alice, world)

    answer = save(alice, world, name=name)

    assert answer.status_code == 400
    assert said in answer.text
    assert len(views(services)) == 1


def test_there_are_at_most_30(alice, world, services, monkeypatch):
    monkeypatch.setattr(saved_views, "MOST_VIEWS", 2)

    codes = [save(alice, world, name=f"View {n}").status_code for n in range(3)]

    assert codes == [303, 303, 400]


def test_views_of_the_team_push_nobodys_own_out_of_sight(alice, world, monkeypatch):
    monkeypatch.setattr(saved_views, "MOST_VIEWS", 2)
    own = [save(alice, world, name=f"Zebra {n}").status_code for n in range(2)]

    shared = [save(alice, world, name=f"Ours {n}", shared="1").status_code for n in range(3)]

    page = alice.get(world.inbox).text
    assert own + shared == [303, 303, 303, 303, 400]
    assert all(name in page for name in ("Zebra 0", "Zebra 1", "Ours 0", "Ours 1"))


def test_view_is_renamed_and_deleted(alice, world, services):
    save(alice, world)
    (view,) = views(services)

    send(alice, world, f"/{view.id}/rename", name="Español")
    renamed = views(services)[0].name
    send(alice, world, f"/{view.id}/delete")

    assert renamed == "Español"
    assert views(services) == []


def test_inbox_opens_with_a_view_until_it_is_gone(alice, world, services):
    save(alice, world)
    (view,) = views(services)
    send(alice, world, f"/{view.id}/open-with")

    opened = alice.get(world.inbox)
    send(alice, world, f"/{view.id}/delete")

    assert opened.status_code == 302
    assert opened.headers["Location"].endswith("language=es")
    assert alice.get(world.inbox).status_code == 200
    with services.sessions() as session:
        assert session.query(InboxChoice).one().view_id is None


def test_counts_come_with_one_statement_for_all(alice, world):
    save(alice, world, name="All", query="status=all")
    save(alice, world, name="Late", query="due=overdue")
    save(alice, world, name="Found", query="q=delete&unread=1")

    page = alice.get(f"{world.inbox}/views/counts").text

    assert re.findall(r'class="count">(\d+\+?)', page) == ["1", "0", "0"]


def test_viewers_have_views_and_marks_of_their_own(app, world, services):
    with services.sessions.begin() as session:
        vera = make_user(session, "Vera Vance")
        make_member(session, world.acme, vera, Role.VIEWER)
    viewer = signed_in(app, vera)

    saved = save(viewer, world)
    token = csrf_token(viewer, world.inbox)
    marked = viewer.post(f"{world.page}/read", data={"csrf_token": token})

    assert (saved.status_code, marked.status_code) == (303, 303)


class TestMarks:
    def test_page_marks_nothing_by_being_looked_at(self, alice, world):
        """ASVS 3.5.3: only a POST changes anything."""
        alice.get(world.page)

        page = alice.get(world.inbox).text

        assert 'class="unread"' in page
        assert "<title>(1) Requests" in page

    def test_mark_is_one_persons_and_can_be_taken_back(self, alice, bob, world):
        token = csrf_token(alice, world.page)
        alice.post(f"{world.page}/read", data={"csrf_token": token})

        assert 'class="unread"' not in alice.get(world.inbox).text
        assert 'class="unread"' in bob.get(world.inbox).text
        assert "Mark as unread" in alice.get(world.page).text
        alice.post(f"{world.page}/unread", data={"csrf_token": token})
        assert 'class="unread"' in alice.get(world.inbox).text

    def test_listening_marks_as_read(self, alice, world):
        alice.get(world.audio)

        assert 'class="unread"' not in alice.get(world.inbox).text

    @pytest.mark.parametrize("mark", ["read", "unread"])
    def test_d1_foreign_requests_are_missing(self, alice, world, mark):
        token = csrf_token(alice, world.page)

        path = f"{world.inbox}/{world.foreign.id}/{mark}"

        assert alice.post(path, data={"csrf_token": token}).status_code == 404

    def test_single_keys_can_be_switched_off(self, alice, bob, world):
        """WCAG 2.2, 2.1.4."""
        token = csrf_token(alice, world.inbox)
        before = alice.get(world.inbox).text

        alice.post(f"{world.inbox}/keys", data={"csrf_token": token, "keys": "off"})

        assert 'id="keys"' in before
        assert 'id="keys"' not in alice.get(world.inbox).text
        assert 'id="keys"' not in alice.get(world.page).text
        assert "Switch single keys on" in alice.get(world.page).text
        assert 'id="keys"' in bob.get(world.inbox).text


class TestAssigning:
    def test_colleague_is_assigned_shown_and_told(self, alice, bob, world, services):
        page = alice.get(f"{world.page}/assign").text
        version = re.search(r'name="version" value="(\d+)"', page)[1]
        token = csrf_token(alice, world.page)
        form = {"csrf_token": token, "version": version, "to": str(world.bob.id)}

        answer = alice.post(f"{world.page}/assign", data=form)
        stale = alice.post(f"{world.page}/assign", data=form | {"to": "me"})

        shown = alice.get(world.page).text
        row = bob.get(world.inbox).text.partition('class="soft hand"')[2]
        assert (answer.status_code, stale.status_code) == (303, 409)
        assert "to Bob Baker" in shown
        assert "Alice Abbott was first: assigned" in stale.text
        assert "You</span>" in row

    @pytest.mark.parametrize("who", ["charlie", "vera"])
    def test_others_and_viewers_cannot_be_given_one(self, alice, world, services, who):
        with services.sessions.begin() as session:
            vera = make_user(session, "Vera Vance")
            make_member(session, world.acme, vera, Role.VIEWER)
        to = {"charlie": world.charlie.id, "vera": vera.id}[who]
        token = csrf_token(alice, world.page)

        answer = alice.post(
            f"{world.page}/assign", data={"csrf_token": token, "version": "1", "to": str(to)}
        )

        assert answer.status_code == 400
        assert "does not work on requests here" in answer.text
