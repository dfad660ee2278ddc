from __future__ import annotations

import re
from datetime import timedelta

import pytest
from factories import (
    AT,
    draft_of,
    keep_audio,
    make_call,
    make_message,
    make_request,
    make_transcript,
    make_voicemail,
    tone,
)
from staff import statements

from voiceline.models import Transcript, Voicemail
from voiceline.rules.rights import Right


class TestFacts:
    def test_page_says_what_when_and_who(self, alice, world):
        page = text_of(alice.get(world.page))

        for said in (
            "Acme Shoes",
            "service code 4021",
            "Delete",
            "keyed by the caller",
            "21 Nov 2026, 10:00 PST",
            "45 days left \u2013 5 Jan 2027",
            "within 10 business days",
            "+1 415 555 0123",
            "unverified",
            "English",
            "Kept until 20 May 2027, in 180 days \u2013 small and medium plan, 180 days.",
            "machine draft — listen before you act",
        ):
            assert said in page, said

    def test_reference_is_grouped_as_it_is_spoken(self, alice, world):
        reference = world.request.reference

        page = alice.get(world.page).text

        assert f"{reference[:3]}-{reference[3:6]}-{reference[6:]}</h1>" in page

    def test_right_nobody_named_shows_the_earliest_date(self, alice, world, services):
        with services.sessions.begin() as session:
            request, _ = make_message(session, world.acme_code, right=None)

        page = text_of(alice.get(f"{world.inbox}/{request.id}"))

        assert "Not named yet: listen to find out" in page
        assert "If it is an opt-out, it is due 10 Dec 2026" in page

    def test_oral_confirmation_is_shown_with_its_sentences(self, alice, world, services):
        with services.sessions.begin() as session:
            session.merge(world.request).acknowledge(how="oral/2026-11", at=AT)

        page = text_of(alice.get(world.page))

        assert "on the telephone, at the end of the call (sentences 2026-11)" in page
        assert "Confirm receipt" not in page

    @pytest.mark.parametrize(
        ("reason", "said"),
        [
            ("withheld", "Withheld by the caller"),
            ("missing", "the network sent no number"),
            ("not_a_phone", "internet call"),
            ("malformed", "no valid number"),
            (None, "Unknown"),
        ],
    )
    def test_unknown_caller_is_said_to_be_unknown(self, alice, world, services, reason, said):
        with services.sessions.begin() as session:
            call = make_call(
                session, world.acme_code, caller_id=None, caller_unknown_because=reason
            )
            request = make_request(session, world.acme_code, call=call)

        page = text_of(alice.get(f"{world.inbox}/{request.id}"))

        assert said in page
        assert "unverified" not in page

    def test_request_without_a_call_has_a_page(self, alice, world, services):
        with services.sessions.begin() as session:
            request = make_request(session, world.acme_code, right=Right.LIMIT)

        page = text_of(alice.get(f"{world.inbox}/{request.id}"))

        assert "Nothing was recorded" in page

    def test_history_names_the_colleague(self, alice, bob, world):
        bob.get(world.audio)

        page = text_of(alice.get(world.page))

        assert "Listened to Bob Baker · 21 Nov 2026, 10:00 PST" in page
        assert "Filed the line" in page

    def test_page_costs_a_fixed_number_of_statements(self, alice, world, services):
        with statements(services.engine) as first:
            alice.get(world.page)
        with statements(services.engine) as again:
            alice.get(world.page)

        # one to look whether this sitting is proven already; the first time two more to prove it
        assert len(first) <= 19, "\n".join(first)
        assert len(again) <= 17, "\n".join(again)


class TestPlayer:
    def test_player_works_without_scripts(self, alice, world):
        page = alice.get(world.page).text

        source = f"{world.page}/voicemails/{world.voicemail.id}/audio.wav"
        assert '<audio controls preload="none">' in page
        assert f'<source src="{source}" type="audio/wav">' in page
        assert '<div class="controls" hidden>' in page
        assert alice.get(source).status_code == 200

    def test_latest_take_comes_first(self, alice, world, services):
        with services.sessions.begin() as session:
            call = session.merge(world.request).call
            later = make_voicemail(session, call, take=2)
            keep_audio(session, later, services.store, tone(1))

        page = alice.get(world.page).text

        assert page.index(str(later.id)) < page.index(str(world.voicemail.id))
        assert "Message 2</h2>" in page

    @pytest.mark.parametrize(
        ("status", "said"),
        [
            ("pending", "being stored"),
            ("failed", "tried again every hour"),
            ("absent", "There is no sound"),
            ("replaced", "recorded the message again"),
        ],
    )
    def test_missing_audio_is_explained(self, alice, world, services, status, said):
        with services.sessions.begin() as session:
            call = make_call(session, world.acme_code)
            mail = make_voicemail(session, call)
            match status:
                case "failed":
                    mail.fail("no route", AT)
                case "absent":
                    mail.find_absent()
                case "replaced":
                    mail.replace(AT)
            request = make_request(session, world.acme_code, call=call)

        page = alice.get(f"{world.inbox}/{request.id}")

        assert said in page.text
        assert "<audio" not in page.text
        assert ('http-equiv="refresh"' in page.text) == (status == "pending")

    @pytest.mark.parametrize(
        ("end", "said"), [("expire", "The audio has expired"), ("erase", "The audio was erased")]
    )
    def test_gone_audio_is_explained(self, alice, world, services, end, said):
        with services.sessions.begin() as session:
            getattr(session.get_one(Voicemail, world.voicemail.id), end)(AT)

        page = alice.get(world.page).text

        assert said in page
        assert "<audio" not in page

    def test_waiting_part_is_replaced_by_the_player(self, alice, world, services):
        with services.sessions.begin() as session:
            call = make_call(session, world.acme_code)
            mail = make_voicemail(session, call)
            request = make_request(session, world.acme_code, call=call)
        part = f"{world.inbox}/{request.id}/voicemails/{mail.id}/player"

        waiting = alice.get(part).text
        with services.sessions.begin() as session:
            keep_audio(session, session.get_one(Voicemail, mail.id), services.store, tone(1))

        assert f'hx-get="{part}"' in waiting
        assert "<audio" in alice.get(part).text


class TestTranscript:
    def test_words_know_when_they_were_said(self, alice, world):
        page = alice.get(world.page).text

        assert '<span data-start="0.0" data-end="0.75">please</span>' in page

    def test_unclear_words_are_marked(self, alice, world, services):
        with services.sessions.begin() as session:
            request, _ = make_message(session, world.acme_code, text="one two three four five")

        page = alice.get(f"{world.inbox}/{request.id}").text

        unclear = '<span class="hidden" lang="en"> (unclear)</span>'
        assert f'class="unsure">five{unclear}</span>' in page

    def test_what_was_said_is_never_markup(self, alice, world, services):
        evil = '"><script>alert(1)</script> {{config}} </span>'
        with services.sessions.begin() as session:
            request, _ = make_message(session, world.acme_code, services.store, text=evil)

        page = alice.get(f"{world.inbox}/{request.id}").text

        assert "<script>alert" not in page
        assert "&lt;/script&gt;" in page
        assert "{{config}}" in page

    def test_draft_without_words_shows_its_text(self, alice, world, services):
        with services.sessions.begin() as session:
            request, mail = make_message(session, world.acme_code, text=None)
            draft = session.query(Transcript).filter_by(voicemail_id=mail.id).one()
            draft.complete(draft_of("", 1), AT)
            draft.text, draft.words = "only text", []

        assert "only text" in alice.get(f"{world.inbox}/{request.id}").text

    @pytest.mark.parametrize(
        ("verb", "said"), [("skip", "understands this message"), ("fail", "could not make a draft")]
    )
    def test_missing_draft_is_explained(self, alice, world, services, verb, said):
        with services.sessions.begin() as session:
            request, mail = make_message(session, world.acme_code, text=None)
            draft = session.query(Transcript).filter_by(voicemail_id=mail.id).one()
            getattr(draft, verb)("because", AT)

        assert said in alice.get(f"{world.inbox}/{request.id}").text

    def test_draft_on_its_way_is_waited_for(self, alice, world, services):
        with services.sessions.begin() as session:
            request, mail = make_message(session, world.acme_code, services.store, text=None)
        part = f"{world.inbox}/{request.id}/voicemails/{mail.id}/transcript"

        waiting = alice.get(f"{world.inbox}/{request.id}").text
        with services.sessions.begin() as session:
            newer = session.get_one(Voicemail, mail.id)
            make_transcript(session, newer, "here it is", version=2)

        assert f'hx-get="{part}"' in waiting
        done = alice.get(part).text
        assert "here" in done
        assert "hx-get" not in done


def test_expiry_is_a_date_of_the_business(alice, world, services):
    with services.sessions.begin() as session:
        mail = session.get_one(Voicemail, world.voicemail.id)
        mail.expires_at = AT.replace(hour=2) + timedelta(days=180)

    assert "Kept until 19 May 2027" in text_of(alice.get(world.page))


def test_what_waits_for_its_copy_says_until_when(alice, world, services):
    with services.sessions.begin() as session:
        mail = session.get_one(Voicemail, world.voicemail.id)
        mail.expires_at, mail.held_back = AT + timedelta(days=3), True

    page = text_of(alice.get(world.page))

    assert "Its last day is 24 Nov 2026 \u2013 small and medium plan, 180 days." in page
    assert "no copy in your own bucket yet: it stays until it has one" in page
    assert "but not beyond 24 Dec 2026" in page


def text_of(answer) -> str:
    """Answer the words of a page, tags and line breaks gone."""
    words = " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())
    return re.sub(r" ([.,])", r"\1", words)
