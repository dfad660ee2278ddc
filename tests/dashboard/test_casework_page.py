from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from factories import AT, make_request
from forms import CASES, VERIFIED, filed, make_written, prepare, right_of, send, take, tell
from staff import signed_in, statements

from voiceline.casework import HistoryLine
from voiceline.dashboard.history import DETAILS, details, happened
from voiceline.dashboard.wording import HAPPENED
from voiceline.desk.grounds import NO_HOUSEHOLD, UNTRIED
from voiceline.models import EventKind, PrivacyRequest
from voiceline.rules.rights import Right


class TestNext:
    def test_the_most_urgent_comes_first(self, alice, world):
        page = text(alice, world)

        assert "Next Confirm receipt" in page
        assert "Then: Verify who asks by 5 Jan 2027" in page

    def test_answering_follows_once_it_is_known_who_asks(self, alice, services, world):
        take(alice, services, world, "acknowledge", how="email")
        take(alice, services, world, "verify", **VERIFIED)

        page = text(alice, world)

        assert "Next Answer: Delete" in page
        assert "verified to a reasonable degree" in page

    def test_opt_out_is_never_asked_who_asks(self, alice, services, world):
        with services.sessions.begin() as session:
            opt_out = make_request(session, world.acme_code, right=Right.OPT_OUT)
        path = f"{world.inbox}/{opt_out.id}"

        page = alice.get(path).text
        form = alice.get(f"{path}/verify").text

        assert "Answer: Opt out of sale or sharing" in page
        assert f"{path}/verify" not in page
        for shown in (page, form):
            assert "no identity may be asked for" in shown
        assert 'name="method"' not in form

    @pytest.mark.parametrize("right", [Right.LIMIT, Right.ADMT_OPT_OUT])
    def test_nor_are_the_others_that_the_law_excepts(self, alice, services, world, right):
        with services.sessions.begin() as session:
            asked = make_request(session, world.acme_code, right=right)

        assert f"{asked.id}/verify" not in alice.get(f"{world.inbox}/{asked.id}").text

    def test_unnamed_right_is_named_first(self, alice, services, world):
        with services.sessions.begin() as session:
            unnamed = make_request(session, world.acme_code, right=None)

        page = text(alice, world, unnamed)

        assert "Name what is asked for" in page
        assert "If it is an opt-out, it is due 10 Dec 2026" in page

    def test_appeal_is_decided_next(self, alice, services, world):
        prepare(alice, services, world, "decide_appeal")

        assert "Next Decide the appeal: Delete" in text(alice, world)

    def test_answered_request_owes_nothing(self, alice, services, world):
        send(alice, prepare(alice, services, world, "deny"), **CASES["deny"].fields)
        denied = text(alice, world)

        tell(alice, world, "denied")

        assert "Tell the consumer the answer" in denied
        assert "Write the letter" in denied
        assert "Nothing is owed" in text(alice, world)


class TestRights:
    def test_why_this_date_has_its_source_and_both_readings(self, alice, world):
        page = text(alice, world)

        assert "Why these dates?" in page
        assert "Source: 11 CCR 7021(a)" in page
        assert "With Saturdays: 4 Dec 2026 · Monday to Friday: 7 Dec 2026" in page
        assert "rule us-ca/delete/45-days@" in page

    def test_menu_offers_what_the_table_allows(self, alice, services, world):
        base = f"{world.page}/rights/{right_of(filed(services, world), Right.DELETE).id}"
        before = alice.get(world.page).text
        send(alice, prepare(alice, services, world, "deny"), **CASES["deny"].fields)
        after = alice.get(world.page).text

        answers = ("complete", "deny", "extend")
        assert [step for step in answers if f"{base}/{step}" not in before] == []
        assert [step for step in ("reopen", "appeal") if f'{base}/{step}"' not in after] == []
        assert [step for step in answers if f"{base}/{step}" in after] == []

    def test_keyed_right_is_not_struck_out(self, alice, world):
        assert "strike-right" not in alice.get(world.page).text

    def test_refusal_is_shown_with_its_reasons(self, alice, services, world):
        fields = CASES["deny"].fields | {"why_transaction": "<script>alert(1)</script>"}
        send(alice, prepare(alice, services, world, "deny"), **fields)

        page = alice.get(world.page).text

        assert "Cal. Civ. Code 1798.105(d)(1)" in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "<script>alert" not in page

    def test_opt_out_is_refused_for_fraud_alone(self, alice, services, world):
        with services.sessions.begin() as session:
            opt_out = make_request(session, world.acme_code, right=Right.OPT_OUT)
        path = f"{world.inbox}/{opt_out.id}/rights/{opt_out.rights[0].id}"

        deny, extend = alice.get(f"{path}/deny").text, alice.get(f"{path}/extend").text

        assert deny.count('name="code"') == 1
        assert 'value="fraud"' in deny
        assert "no extension is allowed" in extend
        assert 'name="because"' not in extend

    def test_form_says_what_a_reason_needs_before_it_is_sent(self, alice, services, world):
        path = prepare(alice, services, world, "deny")
        before = alice.get(path).text
        take(alice, services, world, "verify", **VERIFIED | {"result": "failed"})
        after = alice.get(path).text

        untried, household = UNTRIED.split(":")[0], NO_HOUSEHOLD.split(":")[0]
        assert 'value="unverified" disabled' in before
        assert untried in before
        assert f'href="{world.page}/verify"' in before
        assert household in before
        assert f'href="{world.page}/set-standing"' in before
        assert 'value="unverified" disabled' not in after
        assert untried not in after

    def test_reason_that_does_not_hold_yet_keeps_what_was_typed(self, alice, services, world):
        path = prepare(alice, services, world, "deny")

        answer = send(alice, path, code="unverified", why_unverified="No such customer.")

        assert answer.status_code == 400
        assert UNTRIED in html.unescape(answer.text)
        assert "No such customer." in answer.text

    def test_extension_after_the_first_date_may_still_be_noted(self, app, clock, services, world):
        clock.wait(timedelta(days=50))
        alice = signed_in(app, world.alice)
        late = take(
            alice, services, world, "extend", because="Late.", told="already", told_on="2027-01-10"
        )

        noted = take(
            alice, services, world, "extend", because="Told.", told="already", told_on="2027-01-05"
        )

        assert late.status_code == 400
        assert "had to be told of an extension" in late.text
        assert noted.status_code == 303

    @pytest.mark.parametrize(
        "day",
        [
            "tomorrow",
            "2026-13-01",
            "2026-11-22",
            "2026-11-20",
            "0000-00-00",
            "\u0662\u0660\u0662\u0666-11-21",
        ],
    )
    def test_odd_days_are_sentences(self, alice, services, world, day):
        answer = take(alice, services, world, "extend", because="Much.", told_on=day)

        assert answer.status_code == 400
        assert 'role="alert"' in answer.text

    @pytest.mark.parametrize(
        ("step", "fields"),
        [
            ("acknowledge", {"how": "pigeon"}),
            ("verify", VERIFIED | {"method": "voice"}),
            ("verify", VERIFIED | {"point": ["social_security_number", "email"]}),
            ("verify", VERIFIED | {"result": "perhaps"}),
            ("verify", VERIFIED | {"point": ["caller_id"]}),
            ("deny", {"code": "because"}),
            ("deny", {"code": "never_disclosed"}),
            ("set_residence", {"residence": "US-XX", "source": "asked"}),
            ("set_residence", {"residence": "UNKNOWN-US", "source": "asked"}),
            ("set_standing", {"standing": "friend"}),
            ("name_right", {"right": "forget"}),
            ("redirect", {"controller": "x" * 301}),
            ("defer", {"because": "\x00\u202e \n"}),
        ],
    )
    def test_odd_choices_are_sentences(self, alice, services, world, step, fields):
        before = filed(services, world).version

        answer = take(alice, services, world, step, **fields)

        assert answer.status_code == 400
        assert 'role="alert"' in answer.text
        assert filed(services, world).version == before


class TestWhoAsks:
    @pytest.mark.parametrize(
        ("standing", "told"), [("parent", True), ("minor", True), ("agent", False), (None, False)]
    )
    def test_child_is_left_to_somebody_trained(self, alice, services, world, standing, told):
        with services.sessions.begin() as session:
            session.get_one(PrivacyRequest, world.request.id).standing = standing

        page = alice.get(world.page).text

        assert ("leave this to somebody trained" in page) == told

    def test_what_they_wrote_is_shown_as_they_wrote_it(self, alice, services, world):
        with services.sessions.begin() as session:
            asked = make_written(
                session,
                session.merge(world.acme_code),
                "First line\n<img src=x onerror=alert(1)>",
                phone="+14155550188",
                consumer_name="Rosa Diaz",
            )

        page = alice.get(f"{world.inbox}/{asked.id}").text

        for said in ("Dana Diaz", "dana@example.com", "not confirmed", "+1 415 555 0188"):
            assert said in page
        assert "Rosa Diaz" in page
        assert "First line\n&lt;img src=x onerror=alert(1)&gt;" in page
        assert "Nothing was recorded" not in page
        assert "chosen by the consumer on the form" in page

    def test_residence_and_standing_are_named(self, alice, services, world):
        take(alice, services, world, "set_residence", residence="US-NY", source="told")
        take(alice, services, world, "set_standing", standing="attorney")

        page = text(alice, world)

        assert "Lives in New York" in page
        assert "For whom Agent with power of attorney" in page


class TestHistory:
    def test_every_kind_of_entry_has_words(self):
        assert HAPPENED.keys() == set(EventKind)

    @pytest.mark.parametrize("kind", EventKind)
    def test_entry_without_its_facts_says_less(self, kind):
        line = HistoryLine(kind, AT, "Bob Baker")

        assert happened(line) == HAPPENED[kind]
        assert all(isinstance(said, str) for said in details(line))

    def test_letter_that_went_late_is_marked(self):
        facts = {"sent_on": "2027-01-06", "owed_by": "2027-01-05"}

        told = details(HistoryLine(EventKind.LETTER_SENT, AT, "Bob Baker", facts=facts))

        assert told == ["6 Jan 2027", "after the first date, 5 Jan 2027"]

    def test_every_step_with_facts_tells_them(self, alice, services, world):
        told = {}
        for step in ("verify", "extend", "defer"):
            take(alice, services, world, step, **CASES[step].fields)
            told[step] = text(alice, world)

        assert "What they told us matches what we hold" in told["verify"]
        assert "until 19 Feb 2027" in told["extend"]
        assert "noted that the consumer was told on 21 Nov 2026" in told["extend"]
        assert "still due on 19 Feb 2027" in told["defer"]
        assert len(DETAILS) >= 15


def test_page_costs_the_same_however_much_is_asked(alice, services, world):
    for right in ("correct", "know_categories", "portability"):
        take(alice, services, world, "name_right", right=right)
    prepare(alice, services, world, "decide_appeal")
    alice.get(world.page)

    with statements(services.engine) as asked:
        alice.get(world.page)

    assert len(asked) <= 18, "\n".join(asked)


def text(client, world, request=None):
    """Answer the words of a request's page, tags and line breaks gone."""
    page = client.get(f"{world.inbox}/{(request or world.request).id}").text
    return re.sub(r" ([.,])", r"\1", " ".join(re.sub(r"<[^>]+>", " ", page).split()))
