from __future__ import annotations

import re
from datetime import timedelta

import pytest
from factories import (
    AT,
    make_business,
    make_call,
    make_code,
    make_member,
    make_message,
    make_request,
    make_user,
    make_voicemail,
)
from forms import CASES, make_written, prepare, send, take, tell
from staff import signed_in, statements

from voiceline.dashboard import inbox as inbox_feature
from voiceline.rules.references import grouped
from voiceline.rules.rights import Right

ANSWERS = {"complete_in_part": "partly", "redirect": "redirected", "deny": "denied"}
"""Steps that answer, and the letters that tell of it."""


def references(page) -> list[str]:
    return re.findall(r'class="reference"[^>]*>(\d{3}-\d{3}-\d{3})<', page.text)


class TestList:
    def test_own_requests_are_listed_and_no_others(self, alice, world):
        page = alice.get(world.inbox)

        assert references(page) == [grouped(world.request.reference)]
        assert grouped(world.foreign.reference) not in page.text

    def test_the_most_urgent_comes_first(self, alice, world, services):
        with services.sessions.begin() as session:
            late = make_request(
                session,
                world.acme_code,
                right=Right.OPT_OUT,
                received_at=AT - timedelta(days=26),
            )
            opt_out = make_request(session, world.acme_code, right=Right.OPT_OUT)

        wanted = [grouped(each.reference) for each in (late, world.request, opt_out)]
        page = alice.get(world.inbox)

        assert references(page) == wanted
        assert "8 days overdue" in page.text
        assert "<strong>3</strong> open" in page.text
        assert "1 overdue" in page.text

    def test_finished_ones_are_shown_on_demand(self, alice, world, services):
        with services.sessions.begin() as session:
            days = timedelta(days=3)
            done = make_request(
                session, world.acme_code, right=Right.OPT_OUT, received_at=AT - days
            )
            done.complete(at=AT, by=world.alice.id)

        open_only = alice.get(world.inbox)
        everything = alice.get(f"{world.inbox}?status=all")

        assert grouped(done.reference) not in references(open_only)
        assert references(everything)[-1] == grouped(done.reference)
        assert "Completed" in everything.text

    @pytest.mark.parametrize(
        "query",
        [
            "order=;drop",
            "order=",
            "status=nonsense",
            "order=newest&order=deadline",
            "after=-1",
            "after=1e9",
            "after=%00",
            "after=é",
            "per_page=100000",
            "page=0",
            "limit=-1",
        ],
    )
    def test_odd_queries_show_the_beginning(self, alice, world, query):
        page = alice.get(f"{world.inbox}?{query}")

        assert page.status_code == 200
        assert references(page) == [grouped(world.request.reference)]

    def test_pages_lead_to_the_end_and_back(self, alice, world, services, monkeypatch):
        monkeypatch.setattr(inbox_feature, "ROWS", 2)
        with services.sessions.begin() as session:
            for _ in range(4):
                make_request(session, world.acme_code)

        seen, path = [], f"{world.inbox}?status=all&order=newest"
        while path:
            page = alice.get(path)
            seen += references(page)
            found = re.search(r'href="([^"]*after=[^"]*)"', page.text)
            path = found[1].replace("&amp;", "&") if found else None

        assert len(seen) == len(set(seen)) == 5
        assert "Back to the beginning" in page.text

    def test_place_in_another_list_is_not_followed(self, alice, world, services, monkeypatch):
        monkeypatch.setattr(inbox_feature, "ROWS", 1)
        with services.sessions.begin() as session:
            make_request(session, world.acme_code)
        after = re.search(r"after=([\w-]+)", alice.get(f"{world.inbox}?order=newest").text)[1]

        page = alice.get(f"{world.inbox}?order=deadline&after={after}")

        assert references(page) == references(alice.get(f"{world.inbox}?order=deadline"))

    def test_what_nobody_heard_is_marked(self, alice, world):
        before = alice.get(world.inbox).text
        alice.get(world.audio)

        assert "Not listened to" in before
        assert "Not listened to" not in alice.get(world.inbox).text

    def test_draft_is_shown_as_text(self, alice, world, services):
        with services.sessions.begin() as session:
            make_message(
                session,
                world.acme_code,
                services.store,
                text="<img src=x onerror=alert(1)> {{7*7}}",
            )

        page = alice.get(world.inbox).text

        assert "&lt;img src=x onerror=alert(1)&gt; {{7*7}}" in page
        assert "<img" not in page

    def test_audio_on_its_way_is_said_so(self, alice, world, services):
        with services.sessions.begin() as session:
            call = make_call(session, world.acme_code)
            make_voicemail(session, call)
            make_request(session, world.acme_code, call=call, right=None)

        page = alice.get(world.inbox).text

        assert "The audio is being stored" in page
        assert "Not named yet" in page

    def test_operator_sees_what_is_unassigned(self, app, services):
        with services.sessions.begin() as session:
            operator = make_business(session, "Voiceline")
            code = make_code(session, operator, "1")
            olga = make_user(session, "Olga Ortiz")
            make_member(session, operator, olga)
            call = make_call(session, code, unassigned=True)
            make_request(session, code, call=call)

        page = signed_in(app, olga).get(f"/businesses/{operator.id}/requests").text

        assert "No code keyed" in page

    def test_page_costs_the_same_however_full(self, alice, world, services):
        with services.sessions.begin() as session:
            for _ in range(20):
                make_message(session, world.acme_code)

        with statements(services.engine) as asked:
            alice.get(world.inbox)

        assert len(asked) <= 15, "\n".join(asked)


class TestEmpty:
    def test_new_business_is_told_what_to_dial(self, app, services):
        with services.sessions.begin() as session:
            harbor = make_business(session, "Harbor Candles")
            make_code(session, harbor, "6150")
            make_code(session, harbor, "6151", withdrawn_at=AT)
            make_code(session, harbor, "6152", dedicated_number="+18885550199")
            erin = make_user(session, "Erin Estes")
            make_member(session, harbor, erin)

        page = signed_in(app, erin).get(f"/businesses/{harbor.id}/requests").text

        assert "+1 800 555 0100" in page
        assert "6150#" in page
        assert 'href="tel:+18005550100,,6150%23"' in page
        assert 'href="tel:+18885550199"' in page
        assert "6151" not in page

    def test_all_done_is_not_the_same_as_none_yet(self, alice, world, services):
        with services.sessions.begin() as session:
            session.merge(world.request).withdraw(at=AT)

        page = alice.get(world.inbox).text

        assert "Everything is answered" in page
        assert "No requests yet" not in page


class TestNews:
    def test_new_requests_are_counted(self, alice, world, services, clock):
        clock.wait(timedelta(seconds=10))
        poll = re.search(r'hx-get="([^"]+)"', alice.get(world.inbox).text)[1]
        with services.sessions.begin() as session:
            for _ in range(3):
                make_request(session, world.acme_code, filed_at=AT + timedelta(minutes=1))
            make_request(session, world.bolt_code, filed_at=AT + timedelta(minutes=1))
        clock.wait(timedelta(minutes=2))

        page = alice.get(poll).text

        assert "3 new requests" in page
        assert poll in page

    def test_no_news_says_nothing(self, alice, world, clock):
        clock.wait(timedelta(seconds=10))

        page = alice.get(f"{world.inbox}/news")

        assert "new request" not in page.text

    @pytest.mark.parametrize(
        "since",
        ["", "yesterday", "2026-11-21", "0001-01-01T00:00:00%2B00:00", "9999-12-31T23:59:59-23:59"],
    )
    def test_odd_moments_are_no_failure(self, alice, world, since):
        assert alice.get(f"{world.inbox}/news?since={since}").status_code == 200


class TestCasework:
    def test_extended_date_counts_and_is_marked(self, alice, world, services):
        take(alice, services, world, "extend", **CASES["extend"].fields)

        page = alice.get(world.inbox).text

        assert "answer by 19 Feb 2027" in page
        assert "Extended</span>" in page

    def test_deferred_is_marked_and_still_due(self, alice, world, services):
        take(alice, services, world, "defer", because="An open bill.")

        page = alice.get(world.inbox).text

        assert "Deferred</span>" in page
        assert "5 Jan 2027" in page

    def test_appeal_is_open_work_and_has_a_list_of_its_own(self, alice, world, services):
        prepare(alice, services, world, "decide_appeal")

        for scope in ("open", "appealed", "all"):
            page = alice.get(f"{world.inbox}?status={scope}")
            assert references(page) == [grouped(world.request.reference)], scope
            assert "Appealed</span>" in page.text
        assert references(alice.get(f"{world.inbox}?status=answered")) == []

    @pytest.mark.parametrize(
        ("step", "said"),
        [
            ("complete_in_part", "Completed in part"),
            ("redirect", "Redirected"),
            ("deny", "Denied"),
            ("withdraw", "Withdrawn"),
        ],
    )
    def test_answered_says_how(self, alice, world, services, step, said):
        send(alice, prepare(alice, services, world, step), **CASES[step].fields)
        if step in ANSWERS:
            tell(alice, world, ANSWERS[step])

        page = alice.get(f"{world.inbox}?status=answered")

        assert references(page) == [grouped(world.request.reference)]
        assert said in page.text
        assert references(alice.get(world.inbox)) == []

    def test_answer_nobody_was_told_stays_in_the_list(self, alice, world, services):
        send(alice, prepare(alice, services, world, "deny"), **CASES["deny"].fields)

        page = alice.get(world.inbox)

        assert references(page) == [grouped(world.request.reference)]
        assert "Denied, not told yet: 45 days left" in page.text
        assert "Tell the consumer" in page.text
        assert references(alice.get(f"{world.inbox}?status=answered")) == []

    def test_nobody_appealing_is_not_the_end_of_a_list(self, alice, world):
        assert "Nobody appeals" in alice.get(f"{world.inbox}?status=appealed").text

    def test_what_came_in_writing_shows_its_words_and_how_it_came(self, alice, world, services):
        with services.sessions.begin() as session:
            asked = make_written(session, session.merge(world.acme_code), "<b>Please</b> delete")

        page = alice.get(world.inbox)

        assert grouped(asked.reference) in references(page)
        assert "“&lt;b&gt;Please&lt;/b&gt; delete”" in page.text
        assert "Web form" in page.text
        assert "Not listened to" not in page.text.partition(grouped(asked.reference))[2][:900]
