from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from factories import (
    AT,
    make_code,
    make_member,
    make_message,
    make_request,
    make_user,
)
from sqlalchemy import exc
from staff import signed_in

from voiceline import desk
from voiceline.dashboard import inbox as inbox_feature
from voiceline.dashboard.inbox import ROWS
from voiceline.desk import Clerk
from voiceline.models import Channel, PrivacyRequest, Requester, Role, User
from voiceline.ports import StoredObject as Stored
from voiceline.rules.references import grouped
from voiceline.rules.rights import Right
from voiceline.search_documents import follow_document

DAY = timedelta(days=1)
FIXED = ("channel=web", "language=es")


def references(page) -> list[str]:
    return re.findall(r'class="reference"[^>]*>(\d{3}-\d{3}-\d{3})<', page.text)


def shown(client, world, **args) -> set[str]:
    page = client.get(world.inbox, query_string=args)
    assert page.status_code == 200
    return set(references(page))


class TestConditions:
    @pytest.mark.parametrize(
        ("args", "names"),
        [
            ({}, {"plain", "late", "spanish", "old"}),
            ({"due": "overdue"}, {"late"}),
            ({"due": "later"}, set()),
            ({"due": "7"}, set()),
            ({"due": "14"}, {"plain", "spanish", "old"}),
            ({"due": "overdue", "order": "newest"}, {"late"}),
            ({"right": "opt_out"}, {"late"}),
            ({"right": "unnamed"}, {"old"}),
            ({"channel": "web"}, {"spanish"}),
            ({"language": "es"}, {"spanish"}),
            ({"code": "4022"}, {"spanish"}),
            ({"from": "2026-11-21"}, {"plain", "spanish"}),
            ({"to": "2026-11-20"}, {"late", "old"}),
            ({"from": "2026-11-17", "to": "2026-11-20", "order": "newest"}, {"old"}),
            ({"assigned": "nobody"}, {"late", "spanish", "old"}),
            ({"assigned": "me"}, {"plain"}),
            ({"assigned": "me", "due": "overdue"}, set()),
            ({"language": "es", "channel": "phone"}, set()),
            ({"unread": "1", "language": "es"}, {"spanish"}),
        ],
    )
    def test_filter_means_what_it_says(self, alice, world, some, args, names):
        assert shown(alice, world, **args) == {some[name] for name in names}

    @pytest.mark.parametrize(("within", "count"), [("2", 1), ("8", 2), ("31", 3)])
    def test_what_expires_soon_is_found_and_downloaded_alike(
        self, alice, world, services, within, count
    ):
        with services.sessions.begin() as session:
            made = [make_message(session, world.acme_code) for _ in range(5)]
            for (_, voicemail), days in zip(made, (2, 8, 31, 33, 1), strict=True):
                voicemail.store(Stored("rec/x", "0" * 64, 1), duration_ms=1, at=AT)
                voicemail.keep_until(AT + days * DAY)
            made[4][1].erase(AT)
            expected = {grouped(request.reference) for request, _ in made[:count]}

        args = {"status": "all", "expires": within}
        offered = alice.get(f"{world.inbox}/downloads", query_string=args).text

        assert shown(alice, world, **args) == expected
        assert f"{count} voicemail{'s' if count > 1 else ''}" in " ".join(offered.split())

    def test_colleague_who_left_counts_as_nobody(self, alice, bob, world, services):
        with services.sessions.begin() as session:
            request = session.get_one(PrivacyRequest, world.request.id)
            desk.assign(session, request, Clerk(world.alice, AT, 1), world.bob.id)
        assert "Bob Baker" in alice.get(world.inbox).text

        with services.sessions.begin() as session:
            user = session.merge(world.bob)
            for member in user.memberships:
                session.delete(member)
        reference = grouped(world.request.reference)

        assert shown(alice, world, assigned="nobody") == {reference}
        assert "Assigned to" not in alice.get(world.inbox).text.partition("<tbody")[2]

    @pytest.mark.parametrize("change", ["viewer", "disabled"])
    def test_colleague_who_may_not_work_any_more_counts_as_nobody(
        self, alice, bob, world, services, change
    ):
        with services.sessions.begin() as session:
            request = session.get_one(PrivacyRequest, world.request.id)
            desk.assign(session, request, Clerk(world.alice, AT, 1), world.bob.id)
            user = session.get_one(User, world.bob.id)
            if change == "disabled":
                user.disabled_at = AT
            else:
                user.memberships[0].role = Role.VIEWER

        nobodys = shown(alice, world, assigned="nobody")

        assert nobodys == {grouped(world.request.reference)}
        assert "Assigned to" not in alice.get(world.inbox).text.partition("<tbody")[2]

    def test_choices_are_kept_by_every_link_and_taken_away_one_by_one(self, alice, world, some):
        page = alice.get(f"{world.inbox}?language=es&channel=web&q=datos").text

        chips = re.findall(r'<a href="([^"]+)">(?:“datos”|Web form|Spanish) ', page)
        kept = [{name for name in ("q=datos", *FIXED) if name in chip} for chip in chips]
        assert sorted(map(sorted, kept)) == [
            ["channel=web", "language=es"],
            ["channel=web", "q=datos"],
            ["language=es", "q=datos"],
        ]
        assert "status=all&amp;order=deadline&amp;q=datos&amp;channel=web&amp;language=es" in page
        assert "Clear all" in page

    def test_words_are_not_in_the_title(self, alice, world):
        """ASVS 14.2.1: what is searched for stays on the page."""
        page = alice.get(f"{world.inbox}?q=Maria").text

        assert "Maria" not in page.partition("<title>")[2].partition("</title>")[0]


class TestBadInput:
    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ("from=2026-11-22&to=2026-11-01", "first day is after the last"),
            ("from=0001-01-01", "from 2000 to 2100"),
            ("to=9999-12-31", "from 2000 to 2100"),
            ("from=yesterday", "That is no date"),
            ("due=;drop", "do not know that time"),
            ("right=everything", "do not know that right"),
            ("code=9999", "do not know that service code"),
            ("channel=fax", "do not know that way in"),
            ("language=xx", "do not know that language"),
            ("assigned=charlie", "do not know that colleague"),
            (f"assigned={UUID(int=7)}", "do not know that colleague"),
            ("q=%22%22", "no word or number"),
            ("q=" + "a" * 10_240, "first 200 characters"),
            ("q=%00%01", ""),
            ("unread=maybe", ""),
            ("q=(a%2B)%2B$", ""),
        ],
    )
    def test_d5_d6_d7_odd_filters_are_left_out_with_a_word(self, alice, world, query, said):
        page = alice.get(f"{world.inbox}?{query}")

        assert page.status_code == 200
        assert said in page.text

    def test_d1_foreign_colleague_is_unknown_like_nobody(self, alice, world):
        page = alice.get(f"{world.inbox}?assigned={world.charlie.id}").text

        assert "do not know that colleague" in page
        assert "Charlie" not in page

    @pytest.mark.parametrize("page", ["-1", "0", "1e9", "abc"])
    def test_d3_odd_page_shows_the_beginning(self, alice, world, page):
        assert len(shown(alice, world, after=page, q="delete", language="en")) <= 1

    def test_d4_no_address_makes_a_page_longer(self, alice, world, services):
        with services.sessions.begin() as session:
            for _ in range(ROWS + 5):
                make_request(session, session.merge(world.acme_code))

        page = alice.get(f"{world.inbox}?per_page=100000&limit=100000&rows=100000").text

        assert page.count('name="ids"') == ROWS

    @pytest.mark.parametrize("accepts", ["junk", ";;q=", "*" * 5000, "tlh, x-elvish;q=9"])
    def test_d32_languages_nobody_speaks_show_the_usual_page(self, alice, world, accepts):
        page = alice.get(world.inbox, headers={"Accept-Language": accepts})

        assert page.status_code == 200
        assert '<html lang="en">' in page.text

    def test_d31_forged_fragment_header_opens_nothing(self, anonymous, charlie, world):
        forged = {"HX-Request": "true"}

        assert anonymous.get(f"{world.inbox}/news", headers=forged).status_code == 401
        assert charlie.get(f"{world.inbox}/news", headers=forged).status_code == 404
        assert charlie.get(f"{world.inbox}/views/counts", headers=forged).status_code == 404

    def test_a_search_that_takes_too_long_is_a_page(self, alice, world, monkeypatch):
        def take_long(*_args, **_facts):
            cause = Exception("canceling statement due to statement timeout")
            cause.sqlstate = "57014"
            raise exc.OperationalError("select", {}, cause)

        monkeypatch.setattr(inbox_feature, "inbox_page", take_long)

        page = alice.get(f"{world.inbox}?q=delete")

        assert page.status_code == 200
        assert "took too long" in page.text


class TestEmptyStates:
    def test_nothing_matches_shows_the_filters(self, alice, world):
        page = alice.get(f"{world.inbox}?language=es").text

        assert "Nothing matches" in page
        assert "<strong>Spanish</strong>" in page
        assert "Clear all filters" in page

    def test_far_away_matches_are_looked_for_further(self, alice, world, services, monkeypatch):
        monkeypatch.setattr("voiceline.lists.LOOKED_AT", 3)
        with services.sessions.begin() as session:
            for days in range(8):
                make_request(session, world.acme_code, received_at=AT - days * DAY)
            old = make_request(session, world.acme_code, received_at=AT - 9 * DAY, language="es")
        path, seen, pages = f"{world.inbox}?status=all&order=newest&language=es", [], 0
        while path:
            page = alice.get(path)
            seen += references(page)
            pages += 1
            found = re.search(r'rel="next" href="([^"]*after=[^"]*)"', page.text)
            path = found[1].replace("&amp;", "&") if found else None

        assert seen == [grouped(old.reference)]
        assert pages > 1

    def test_viewer_reads_and_filters_but_selects_nothing(self, app, world, services):
        with services.sessions.begin() as session:
            vera = make_user(session, "Vera Vance")
            make_member(session, world.acme, vera, Role.VIEWER)
        viewer = signed_in(app, vera)

        page = viewer.get(f"{world.inbox}?language=en").text

        assert grouped(world.request.reference) in page
        assert 'name="ids"' not in page


@pytest.fixture
def some(world, services):
    """Requests that differ in one thing each; references by name."""
    with services.sessions.begin() as session:
        other = make_code(session, world.acme, "4022")
        late = make_request(
            session, world.acme_code, right=Right.OPT_OUT, received_at=AT - 30 * DAY
        )
        old = make_request(session, world.acme_code, right=None, received_at=AT - 3 * DAY)
        spanish = make_request(session, other, language="es")
        spanish.channel = Channel.WEB
        spanish.requester = Requester(business_id=world.acme.id, details="mis datos")
        session.flush()
        follow_document(session, spanish)
        plain = session.get_one(PrivacyRequest, world.request.id)
        desk.assign(session, plain, Clerk(world.alice, AT, plain.version), world.alice.id)
    named = {"plain": plain, "late": late, "old": old, "spanish": spanish}
    return {name: grouped(request.reference) for name, request in named.items()}
